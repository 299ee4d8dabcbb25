"""How far people, or a judge and people, agree beyond chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from regrade.stats.intervals import Interval

Level = Literal["nominal", "ordinal", "interval"]
"""How values differ: as names, as ranks, or as numbers."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement: 1 is agreement, 0 what chance gives."""

    value: float
    """The coefficient."""
    interval: Interval
    """Its interval."""


def _shares(table: Sequence[Sequence[float]]) -> tuple[np.ndarray, float]:
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise ValueError("the table is square, and counts nothing negative")
    n = float(counts.sum())
    if not n:
        raise ValueError("the table counts nothing")
    return counts / n, n


def cohen_kappa(table: Sequence[Sequence[float]], alpha: float = 0.05) -> Agreement:
    """Estimate how far two raters agree beyond chance.

    Shapes: table[i][j] counts the items that the first rater put into i and the second into j.
    Edges: where both always say the same one thing, chance explains everything: 1, and [-1, 1].
    Raises: ValueError for a table that is not square or counts nothing.
    Source: Cohen 1960; standard error of Fleiss, Cohen and Everitt 1969, Psychological Bulletin
    72:323-327.
    """
    p, n = _shares(table)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float(np.trace(p)), float(rows @ columns)
    if math.isclose(expected, 1.0):
        return Agreement(1.0, Interval(-1.0, 1.0))
    kappa = (observed - expected) / (1 - expected)
    diagonal = np.diag(p)
    a = float(np.sum(diagonal * (1 - (rows + columns) * (1 - kappa)) ** 2))
    outer = (columns[:, None] + rows[None, :]) ** 2 * p
    b = (1 - kappa) ** 2 * float(outer.sum() - np.diag(outer).sum())
    c = (kappa - expected * (1 - kappa)) ** 2
    spread = math.sqrt(max(a + b - c, 0.0) / n) / (1 - expected)
    half = float(ndtri(1 - alpha / 2)) * spread
    return Agreement(kappa, Interval(max(-1.0, kappa - half), min(1.0, kappa + half)))


def cohen_kappa_quadratic(table: Sequence[Sequence[float]]) -> float:
    """Give the kappa of ordered categories: a difference counts by its square.

    Shapes and errors as `cohen_kappa`. One category alone gives 1.
    Source: Cohen 1968, Psychological Bulletin 70:213-220.
    """
    p, _ = _shares(table)
    k = len(p)
    distance = (np.arange(k)[:, None] - np.arange(k)[None, :]) ** 2.0
    expected = float(np.sum(distance * np.outer(p.sum(axis=1), p.sum(axis=0))))
    return 1.0 if not expected else 1 - float(np.sum(distance * p)) / expected


def gwet_ac1(table: Sequence[Sequence[float]]) -> float:
    """Give the agreement of two raters beyond chance, where chance is what a rater who does not know
    would do: it does not fall where nearly everything is of one kind.

    Shapes and errors as `cohen_kappa`.
    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29-48.
    """
    p, _ = _shares(table)
    if len(p) < 2:
        return 1.0
    mean = (p.sum(axis=1) + p.sum(axis=0)) / 2
    chance = float(np.sum(mean * (1 - mean))) / (len(p) - 1)
    return (float(np.trace(p)) - chance) / (1 - chance)


def krippendorff_alpha(
    ratings: Sequence[Sequence[float | None]], level: Level = "nominal"
) -> float:
    """Estimate how far any number of raters agree beyond chance, where not everybody rated everything.

    Shapes: ratings[r][i] is what rater r says of item i; None where nothing. Items with fewer than
    two ratings say nothing. Without any pair it is not a number (nan); with one value alone it is 1.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    columns = [
        [float(value) for value in column if value is not None]
        for column in zip(*ratings, strict=True)
    ]
    columns = [column for column in columns if len(column) > 1]
    if not columns:
        return math.nan
    values = sorted({value for column in columns for value in column})
    place = {value: at for at, value in enumerate(values)}
    pairs = np.zeros((len(values), len(values)))
    for column in columns:
        counts = np.bincount([place[value] for value in column], minlength=len(values)).astype(
            float
        )
        pairs += (np.outer(counts, counts) - np.diag(counts)) / (len(column) - 1)
    totals = pairs.sum(axis=1)
    distance = _distance(values, totals, level)
    n = float(totals.sum())
    expected = float(np.sum(distance * (np.outer(totals, totals) - np.diag(totals)))) / (n - 1)
    return 1.0 if not expected else 1 - float(np.sum(distance * pairs)) / expected


def _distance(values: Sequence[float], totals: np.ndarray, level: Level) -> np.ndarray:
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        x = np.asarray(values)
        return np.asarray((x[:, None] - x[None, :]) ** 2)
    reached = np.cumsum(totals)
    middle = reached - totals / 2
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)

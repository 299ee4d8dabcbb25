"""Differences between two runs on the same cases, with intervals that pairing makes narrow."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import ndtri, stdtrit

from .clustered import effective_n, grouped
from .intervals import Interval

_HALVINGS = 60


def tango_ci(wins: float, losses: float, n: float, alpha: float = 0.05) -> Interval:
    """Estimate the difference of two paired pass rates, candidate minus baseline.

    Shapes: of n pairs, `wins` passed with the candidate alone and `losses` with the baseline alone.
    Edges: no pair gives [-1, 1]; no discordant pair gives ±z²/(n + z²), never a width of zero.
    Raises: ValueError for counts that contradict each other.
    Source: Tango 1998, Statistics in Medicine 17:891-908 (the score interval).
    """
    if wins < 0 or losses < 0 or wins + losses > n:
        raise ValueError(f"{wins} wins and {losses} losses among {n} pairs are impossible")
    low, high = tango_bounds([wins], [losses], [n], [float(ndtri(1 - alpha / 2))])
    return Interval(float(low[0]), float(high[0]))


def tango_bounds(
    wins: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    n: Sequence[float] | np.ndarray,
    quantile: Sequence[float] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Give `tango_ci` for many tables at once, with a quantile each: lower ends and upper ends."""
    w, m, size, z = (np.asarray(each, dtype=float) for each in (wins, losses, n, quantile))
    observed = np.divide(w - m, size, out=np.zeros_like(size), where=size > 0)
    ends = []
    for side in (-1.0, 1.0):
        inside, outside = observed.copy(), np.full_like(size, side)
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            is_inside = np.abs(_score(w, m, size, middle)) <= z
            inside = np.where(is_inside, middle, inside)
            outside = np.where(is_inside, outside, middle)
        ends.append(np.where(size > 0, (inside + outside) / 2, side))
    return ends[0], ends[1]


def _score(w: np.ndarray, m: np.ndarray, n: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Tango's score statistic for a hypothetical difference."""
    b = -w - m + (2 * n - w + m) * difference
    c = -m * difference * (1 - difference)
    q = (np.sqrt(np.maximum(b * b - 8 * n * c, 0)) - b) / (4 * np.maximum(n, 1e-300))
    variance = n * (2 * q + difference * (1 - difference))
    distance = w - m - n * difference
    with np.errstate(divide="ignore", invalid="ignore"):
        score = distance / np.sqrt(np.maximum(variance, 0))
    return np.where(np.abs(distance) < 1e-12 * np.maximum(n, 1), 0.0, score)


def paired_ci(
    differences: Sequence[float],
    alpha: float = 0.05,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Estimate the mean of paired differences in [-1, 1]: Tango's interval on the effective number
    of pairs, with t quantiles.

    Shapes: differences[i] is candidate minus baseline at one case, averaged over its trials;
    clusters[i] is the cluster of that case; None makes every case its own.
    Edges: no case, or one cluster, gives [-1, 1]. Differences of -1, 0 and 1 without clusters give
    plain `tango_ci`. Fractional differences are treated conservatively (d² <= |d|).
    Raises: ValueError for a difference outside [-1, 1] or unequal lengths.
    Source: Tango 1998 on effective counts V/SE², the clustered standard error of Miller 2024
    (arXiv:2411.00640), floored by the independent one.
    """
    if not len(differences):
        return Interval(-1.0, 1.0)
    d = np.asarray(differences, dtype=float)
    if np.isnan(d).any() or np.abs(d).max() > 1:
        raise ValueError("every difference must lie in [-1, 1]")
    wins, losses, n = float(d[d > 0].sum()), float(-d[d < 0].sum()), len(d)
    if clusters is None and np.isin(d, (-1.0, 0.0, 1.0)).all():
        return tango_ci(wins, losses, n, alpha)
    array, index, groups = grouped(d, range(n) if clusters is None else clusters)
    if groups == 1:
        return Interval(-1.0, 1.0)
    variance = (wins + losses) / n - float(d.mean()) ** 2
    size = effective_n(array, index, groups, max(variance, 0.0))
    t = float(stdtrit(groups - 1, 1 - alpha / 2))
    low, high = tango_bounds([wins * size / n], [losses * size / n], [size], [t])
    return Interval(float(low[0]), float(high[0]))


def log_ratio_ci(
    baseline: Sequence[float],
    candidate: Sequence[float],
    alpha: float = 0.05,
    clusters: Sequence[Hashable] | None = None,
) -> tuple[float, Interval]:
    """Estimate the geometric mean of the ratios candidate / baseline of positive paired values.

    Shapes: one value a case in both, in the same unit; clusters[i] is the cluster of case i.
    Edges: fewer than two cases, or one cluster, give (ratio, [0, inf]).
    Raises: ValueError for a value that is not positive, no value, or unequal lengths.
    Source: t interval on the mean of log ratios; clustered standard error as in `paired_ci`.
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    if min(a.min(), b.min()) <= 0:
        raise ValueError("ratios need positive values")
    logs = np.log(b / a)
    mean = float(logs.mean())
    array, index, groups = grouped(logs, range(len(logs)) if clusters is None else clusters)
    if groups < 2:
        return math.exp(mean), Interval(0.0, math.inf)
    sums = np.bincount(index, weights=array - mean, minlength=groups)
    clustered = groups / (groups - 1) * float(np.sum(sums**2)) / len(array) ** 2
    spread = math.sqrt(max(clustered, float(array.var(ddof=1)) / len(array)))
    t = float(stdtrit(groups - 1, 1 - alpha / 2))
    return math.exp(mean), Interval(math.exp(mean - t * spread), math.exp(mean + t * spread))

"""A forest plot: differences with their intervals around zero, all on one scale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regrade.domain import Delta
from regrade.report.comparison import words
from regrade.report.words import percent

SCALES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""The ends that a scale may have, as shares."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where an interval is drawn, on a scale from 0 to 200 with zero in the middle."""

    low: float
    """Its left end."""
    width: float
    """Its width."""
    at: float
    """The difference itself."""
    margin: float | None
    """The drop that is tolerated; None without one, or off the scale."""


@dataclass(frozen=True, slots=True)
class Row:
    """One difference in words and as a mark."""

    name: str
    """What it is of."""
    rates: str
    """Before and after."""
    delta: str
    """The difference."""
    interval: str
    """Its interval."""
    n: int
    """Cases."""
    verdict: str
    """The verdict in words."""
    style: str
    """The verdict as a class of the page."""
    mark: Mark | None
    """None where only counts can be told."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    title: str
    """What they are."""
    rows: tuple[Row, ...]
    """The rows."""


def scale_of(deltas: Iterable[Delta]) -> float:
    """Give the end of a scale that holds most intervals: the widest tenth may be cut."""
    ends = sorted(
        max(abs(each.low), abs(each.high))
        for each in deltas
        if each.low is not None and each.high is not None
    )
    if not ends:
        return SCALES[-1]
    wanted = ends[min(len(ends) - 1, int(0.9 * len(ends)))]
    return next((end for end in SCALES if end >= wanted), SCALES[-1])


def group(title: str, deltas: Mapping[str, Delta], scale: float) -> Group:
    """Draw differences on one scale."""
    return Group(title, tuple(_row(name, each, scale) for name, each in deltas.items()))


def _row(name: str, delta: Delta, scale: float) -> Row:
    return Row(
        name=name,
        rates=f"{percent(delta.baseline)} → {percent(delta.candidate)}",
        delta=words.points(delta.delta),
        interval=words.interval(delta),
        n=delta.n,
        verdict=words.verdict_of(delta),
        style=delta.verdict.replace("_", "-"),
        mark=_mark(delta, scale),
    )


def _mark(delta: Delta, scale: float) -> Mark | None:
    if delta.low is None or delta.high is None or delta.delta is None:
        return None
    low, high, at = (_place(each, scale) for each in (delta.low, delta.high, delta.delta))
    margin = delta.margin if delta.margin is not None and 0 < delta.margin <= scale else None
    return Mark(
        low=low,
        width=max(round(high - low, 2), 1.0),
        at=at,
        margin=None if margin is None else _place(-margin, scale),
    )


def _place(value: float, scale: float) -> float:
    return round(100 + 100 * max(-1.0, min(1.0, value / scale)), 2)

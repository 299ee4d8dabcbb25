"""A heat map: every criterion in every slice, with counts and intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Estimate
from regrade.report.words import interval, percent

STEPS = 5
"""Shades from all wrong to all right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A criterion in a slice."""

    tag: str
    """The tag."""
    value: str
    """Its value."""
    rate: str
    """The share that passes, in words."""
    n: int
    """Of how many."""
    interval: str
    """Its interval, in words."""
    shade: int | None
    """From 0, all wrong, to `STEPS` less one, all right; None where nothing was judged."""
    low: float
    """Where its interval begins, from 0 to 100."""
    width: float
    """How wide it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Criteria by slices."""

    tags: Sequence[tuple[str, Sequence[str]]]
    """The columns: every tag with its values."""
    rows: Sequence[tuple[str, Sequence[Cell]]]
    """The rows: every criterion with its cells."""


Cells = Mapping[str, Mapping[str, Mapping[str, Estimate]]]


def heat_map(cells: Cells, everything: Mapping[str, Mapping[str, Estimate]]) -> HeatMap:
    """Draw criteria in slices; the first row is the pass rate of each slice."""
    tags = [(tag, [*values]) for tag, values in everything.items()]
    rows = {"pass rate": everything, **cells}
    return HeatMap(
        tags=tags,
        rows=[
            (
                name,
                [
                    _cell(tag, value, by_tag.get(tag, {}).get(value))
                    for tag, values in tags
                    for value in values
                ],
            )
            for name, by_tag in rows.items()
        ],
    )


def _cell(tag: str, value: str, found: Estimate | None) -> Cell:
    if found is None or found.value is None or found.low is None or found.high is None:
        return Cell(tag=tag, value=value, rate="–", n=0, interval="no data", shade=None, low=0, width=0)  # fmt: skip
    return Cell(
        tag=tag,
        value=value,
        rate=percent(found.value),
        n=found.n,
        interval=interval(found),
        shade=min(STEPS - 1, int(found.value * STEPS)),
        low=round(100 * found.low, 1),
        width=max(1.0, round(100 * (found.high - found.low), 1)),
    )

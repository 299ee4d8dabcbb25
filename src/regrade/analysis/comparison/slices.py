"""Slices of the cases, and every criterion in every slice: many small differences, judged together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from regrade.domain import Delta, Margins, Run

from .both import Both
from .deltas import deltas
from .pairing import PASS

MOST_SLICE_VALUES = 20
"""Values that a tag may have to be a slice by itself."""
Tagged = dict[str, dict[str, Delta]]
"""Differences by tag and value."""


@dataclass(frozen=True, slots=True)
class Place:
    """A slice, and where its cases stand among the matched ones."""

    tag: str
    """The tag."""
    value: str
    """Its value."""
    cases: np.ndarray
    """Their places."""


def places_of(both: Both, candidate: Run) -> list[Place]:
    """Give the slices of the matched cases: those that the suite names, else every tag of few values."""
    chosen = candidate.header.suite.slices
    values: dict[str, dict[str, list[int]]] = {}
    for at, key in enumerate(both.matched):
        for tag, value in both.pairing.after[key].dimensions.items():
            if chosen is None or tag in chosen:
                values.setdefault(tag, {}).setdefault(value, []).append(at)
    tags = [t for t in values if chosen is not None or len(values[t]) <= MOST_SLICE_VALUES]
    return [
        Place(tag, value, np.array(values[tag][value]))
        for tag in tags
        for value in sorted(values[tag])
    ]


def slices_of(both: Both, places: Sequence[Place], margins: Margins) -> Tagged:
    """Compare the pass rate of every slice, all of them judged together."""
    whole = both.cell(PASS)
    found = deltas(
        [whole.part(place.cases) for place in places],
        [margins.get(f"{place.tag}:{place.value}", margins.get("")) for place in places],
    )
    return _tagged(places, found)


def cells_of(both: Both, places: Sequence[Place]) -> dict[str, Tagged]:
    """Compare every criterion in every slice, all of them judged together."""
    names = [
        name
        for name in both.before
        if name.startswith("criterion:") and name in both.after and not both.is_pass_rate(name)
    ]
    found = deltas([both.cell(name).part(place.cases) for name in names for place in places])
    return {
        name.partition(":")[2]: _tagged(places, found[at * len(places) :])
        for at, name in enumerate(names)
    }


def _tagged(places: Sequence[Place], found: Sequence[Delta]) -> Tagged:
    tagged: Tagged = {}
    for place, each in zip(places, found, strict=False):
        tagged.setdefault(place.tag, {})[place.value] = each
    return tagged


def judgeable(tagged: Tagged, *, incomparable: bool) -> Tagged:
    """Give differences as they are, or without a verdict where nothing can be compared."""
    return {
        tag: {value: not_judged(each, incomparable) for value, each in values.items()}
        for tag, values in tagged.items()
    }


def not_judged(delta: Delta, incomparable: bool) -> Delta:  # noqa: FBT001  reads as a sentence where it is called
    """Give a difference as it is, or without a verdict where nothing can be compared."""
    return replace(delta, verdict="not_comparable", more=None) if incomparable else delta

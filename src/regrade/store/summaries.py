"""A summary as a document, kept with its run, so that showing the run again reads no attempt that
is not looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, overload

from regrade.domain import (
    Attempt,
    ComponentOperations,
    Confusion,
    Estimate,
    Json,
    JudgeSummary,
    Operations,
    Rate,
    RunHeader,
    Summary,
)

Place = tuple[int, int]
"""The position of a case in its dataset, and the trial."""


class ReadLater(Sequence[Attempt]):
    """Attempts that are read when they are looked at, and kept then."""

    def __init__(
        self, places: Sequence[Place], read: Callable[[Sequence[Place]], Mapping[Place, Attempt]]
    ) -> None:
        """Take where they are, and what reads them."""
        self._places, self._read = places, read
        self._known: dict[Place, Attempt] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Attempt: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Attempt]: ...
    def __getitem__(self, index: int | slice) -> Attempt | Sequence[Attempt]:
        """Read one, or some."""
        if isinstance(index, slice):
            return self._of(self._places[index])
        return self._of([self._places[index]])[0]

    def __iter__(self) -> Iterator[Attempt]:
        """Read them all."""
        return iter(self._of(self._places))

    def __eq__(self, other: object) -> bool:
        """Compare with any other attempts, one by one."""
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as other sequences that are compared by content

    def _of(self, places: Sequence[Place]) -> Sequence[Attempt]:
        if unknown := [place for place in places if place not in self._known]:
            self._known |= self._read(unknown)
        return tuple(self._known[place] for place in places)


def summary_content(summary: Summary, places: Sequence[Place]) -> dict[str, Json]:
    """Give a summary as JSON, its failures by their places; `restored_summary` reads it back."""
    plain = {f.name: getattr(summary, f.name) for f in fields(summary) if f.name not in _APART}
    content: dict[str, Json] = {name: _written(value) for name, value in plain.items()}
    content["confusion"] = {
        name: {
            "labels": list(each.labels),
            "counts": [[*pair, number] for pair, number in each.counts.items()],
        }
        for name, each in summary.confusion.items()
    }
    content["failures"] = [list(place) for place in places]
    return content


_APART = frozenset({"header", "confusion", "failures"})


def _written(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {name: _written(each) for name, each in value.items()}
    nouns = Estimate | Rate | Operations | ComponentOperations | JudgeSummary
    is_noun = isinstance(value, nouns)
    return asdict(value) if is_noun else value


def restored_summary(
    content: Mapping[str, Any], header: RunHeader, failures: Callable[[Sequence[Place]], ReadLater]
) -> Summary:
    """Make the summary that `summary_content` gave this content of."""
    parts = dict(content)
    for name, restore in _RESTORE.items():
        parts[name] = restore(parts.get(name, {}))
    worst = parts["worst_case"]
    parts["worst_case"] = None if worst is None else tuple(worst)
    parts["failures"] = failures([(position, trial) for position, trial in parts["failures"]])
    return Summary(header=header, **parts)


def _estimates(parts: Mapping[str, Any]) -> dict[str, Estimate]:
    return {name: Estimate(**each) for name, each in parts.items()}


def _rates(parts: Mapping[str, Any]) -> dict[str, Rate]:
    return {name: Rate(**{**p, "estimate": Estimate(**p["estimate"])}) for name, p in parts.items()}


def _component(part: Mapping[str, Any]) -> ComponentOperations:
    return ComponentOperations(**{**part, **_estimates({n: part[n] for n in _OF_COMPONENT})})


def _operations(part: Mapping[str, Any]) -> Operations:
    estimates = _estimates({name: part[name] for name in _OF_RUN})
    return Operations(**{**part, **estimates, "priced_by": tuple(part["priced_by"])})


def _judge(part: Mapping[str, Any]) -> JudgeSummary:
    pairs = part["consistency"]
    return JudgeSummary(
        **{
            **part,
            "asked": tuple(part["asked"]),
            "served": tuple(part["served"]),
            "scores": _estimates(part["scores"]),
            "consistency": None if pairs is None else Estimate(**pairs),
        }
    )


def _confusion(part: Mapping[str, Any]) -> Confusion:
    counts = {(expected, answered): number for expected, answered, number in part["counts"]}
    return Confusion(labels=tuple(part["labels"]), counts=counts)


_OF_COMPONENT = ("latency_p50", "latency_p95", "error_rate")
_OF_RUN = ("latency_p50", "latency_p95", "ttft_p50")
_RESTORE: Mapping[str, Callable[[Any], Any]] = {
    "pass_rate": lambda part: Estimate(**part),
    "criteria": _rates,
    "components": _rates,
    "dimensions": _rates,
    "attribution": _estimates,
    "operations": _operations,
    "first_failed": lambda parts: {name: tuple(ids) for name, ids in parts.items()},
    "masked": lambda parts: {name: tuple(ids) for name, ids in parts.items()},
    "slices": lambda tags: {tag: _estimates(values) for tag, values in tags.items()},
    "cells": lambda parts: {
        name: {tag: _estimates(values) for tag, values in tags.items()}
        for name, tags in parts.items()
    },
    "component_operations": lambda parts: {name: _component(p) for name, p in parts.items()},
    "confusion": lambda parts: {name: _confusion(p) for name, p in parts.items()},
    "judges": lambda parts: {name: _judge(p) for name, p in parts.items()},
}

"""The way that the system took: which steps there were, how often, and in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Span, SpanKind, Trace
from regrade.graders.check import Check, Probe, ProbeOutcome

from .query import Query, find, read_query


def _steps(*names: str, kind: SpanKind = "span", parent: str | None = None) -> tuple[Span, ...]:
    return tuple(
        Span(span_id=f"{name}{at}", parent_id=parent, name=name, kind=kind)
        for at, name in enumerate(names)
    )


def _probe(spans: tuple[Span, ...], gives: ProbeOutcome, **options: Json) -> Probe:
    return Probe(
        case=Case(input="probe"), trace=Trace(output="x", spans=spans), gives=gives, options=options
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory(Check):
    """The system took the way that it should.

    Reads the recorded steps. A step is named, or described by `name`, `name_contains`, `kind`,
    `attributes`, `has_error` and `within` (a step around it). Steps of `has` must be there,
    `at_most` and `at_least` bound how often, `has_not` must not be there, and those of `order` must
    begin one after the other. Only what was recorded counts: a way without any step abstains, and
    no matching step is never a pass by itself. Score: the share of the demands that hold. Issues:
    those that do not.
    """

    type: ClassVar[str] = "trajectory"
    reads_output: ClassVar[bool] = False
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(_steps("plan", "search", "write"), "pass", has=["search"], order=["plan", "write"]),
        _probe(_steps("plan", "write"), "fail", has=["search"]),
        _probe(_steps("write", "plan"), "fail", order=["plan", "write"]),
        _probe(_steps("search", "search", "search"), "fail", at_most={"search": 2}),
        _probe(
            _steps("search", kind="tool"), "pass", at_least={"search": 1}, has=[{"kind": "tool"}]
        ),
        _probe(_steps("wipe"), "fail", has_not=[{"name_contains": "WIP"}]),
        _probe((), "abstain", has_not=["wipe"]),
    )

    has: Sequence[Json] = ()
    """Steps that must be there."""
    has_not: Sequence[Json] = ()
    """Steps that must not be there."""
    order: Sequence[Json] = ()
    """Steps that must begin one after the other; others may stand between."""
    at_least: dict[str, int] = field(default_factory=dict)
    """Name of a step to how often it must be there at least."""
    at_most: dict[str, int] = field(default_factory=dict)
    """Name of a step to how often it may be there at most."""

    def __post_init__(self) -> None:
        if not (self.has or self.has_not or self.order or self.at_least or self.at_most):
            raise ValueError("trajectory needs `has`, `has_not`, `order`, `at_least` or `at_most`")
        for each in (*self.has, *self.has_not, *self.order):
            read_query(each)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for the steps."""
        if not trace.spans:
            return Grade.abstained("No step was recorded.")
        faults = [*self._faults(trace.spans)]
        demands = (
            len(self.has)
            + len(self.has_not)
            + len(self.at_least)
            + len(self.at_most)
            + bool(self.order)
        )
        score = 1 - len(faults) / demands
        if not faults:
            return Grade(
                True, f"The system took the way that it should ({len(trace.spans)} steps).", score
            )
        return Grade(
            False, f"The system took another way: {faults[0]}.", score, issues=tuple(faults)
        )

    def _faults(self, spans: Sequence[Span]) -> Iterator[str]:
        for query in map(read_query, self.has):
            if not find(query, spans):
                yield f"there was no step {query.words()}"
        for query in map(read_query, self.has_not):
            if found := find(query, spans):
                yield f"there was a step {query.words()} ({found[0].name})"
        for name, least in self.at_least.items():
            if (count := len(find(Query(name=name), spans))) < least:
                yield f"{name} was there {count} times, at least {least} were asked for"
        for name, most in self.at_most.items():
            if (count := len(find(Query(name=name), spans))) > most:
                yield f"{name} was there {count} times, at most {most} are allowed"
        if self.order and (missing := _first_out_of_order([*map(read_query, self.order)], spans)):
            yield f"{missing.words()} did not come in its turn"


def _first_out_of_order(order: Sequence[Query], spans: Sequence[Span]) -> Query | None:
    """Give the first step of an order for which no place is left."""
    place = 0
    places = {span.span_id: at for at, span in enumerate(spans)}
    for query in order:
        found = [at for span in find(query, spans) if (at := places[span.span_id]) >= place]
        if not found:
            return query
        place = min(found) + 1
    return None

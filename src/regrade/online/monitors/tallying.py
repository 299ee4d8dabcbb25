"""What is counted of a trace: whether each criterion, component and grader passes, by slice and tick."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from regrade.analysis.attribution import first_failure
from regrade.analysis.categories import categories_of
from regrade.domain import Attempt, Component, Grade
from regrade.domain.live import Decision, LiveTrace, Monitor, Series, Watch
from regrade.ingest import Assembled
from regrade.online.watching import Watched
from regrade.runner import Judgement
from regrade.store import Store

from .clock import EventClock

ALWAYS_SLICED = ("version", "model")
"""Tags by which everything is counted, whether or not they are watched: what releases and models explain."""
MOST_CATEGORIES = 5
"""Categories of failure that are counted of one trace."""
TRACKED: Mapping[str, str] = {
    "refusal": "refusal correctness",
    **dict.fromkeys(("json", "json_schema", "fields"), "schema validity"),
    **dict.fromkeys(
        ("recall_at_k", "hit_at_k", "precision_at_k", "mrr", "ndcg", "map"), "retrieval recall"
    ),
    **dict.fromkeys(("tool_calls", "trajectory"), "tool-call correctness"),
    "context_utilization": "context utilisation",
    **dict.fromkeys(("policy", "pii", "leak", "injection"), "no disallowed content"),
}
"""Series that every summary tells, by the types of the graders that they are of."""
FAILURES_ALONE = frozenset({"category", "first"})
"""Kinds of series of which only failures are counted."""
_Counts = dict[tuple[Series, int], list[int]]


@dataclass(slots=True)
class Tallier:
    """Counts what traces say, to be kept in the transaction that keeps what it follows from."""

    clock: EventClock = field(default_factory=EventClock)
    """The clock of the traffic: what is dated later than now is counted now."""
    _counts: dict[tuple[int, str], _Counts] = field(default_factory=dict)

    def closed(
        self,
        project: int,
        monitor: Monitor,
        whole: Assembled,
        listed: LiveTrace,
        decision: Decision,
    ) -> None:
        """Count a trace that was closed for the first time and that the monitor is about."""
        watch = monitor.watch
        if watch is None or decision.outcome == "not_matched":
            return
        found: list[tuple[str, int, int]] = [("volume", 0, 1)]
        if watch.latency_ms is not None and listed.duration_ms is not None:
            found.append(("latency", int(listed.duration_ms <= watch.latency_ms), 1))
        if watch.cost_usd is not None and listed.cost_usd is not None:
            found.append(("cost", int(listed.cost_usd <= watch.cost_usd), 1))
        if decision.outcome == "queued":
            found.append(("coverage", 0, 1))
        self._add(project, monitor, whole, [(Series(kind=kind), p, n) for kind, p, n in found])

    def graded(
        self,
        project: int,
        watched: Watched,
        whole: Assembled,
        judged: Judgement,
        *,
        is_drawn: bool,
    ) -> None:
        """Count what was said of a trace that was graded for the first time. Traces that a rule chose, and
        not their number, would look like a drop: they count for nothing but that they were graded.
        """
        monitor = watched.monitor
        if monitor.watch is None:
            return
        found = [(Series(kind="coverage"), 1, 0)]
        if is_drawn:
            attempt = Attempt(
                case=whole.case, trace=whole.trace, grades=judged.grades, failures=judged.failures
            )
            found += verdicts_of(attempt, watched.components)
        self._add(project, monitor, whole, found)

    def _add(
        self,
        project: int,
        monitor: Monitor,
        whole: Assembled,
        found: Sequence[tuple[Series, int, int]],
    ) -> None:
        watch = monitor.watch
        assert watch is not None, "who has none counts nothing"
        at = self._tick(watch, whole)
        counts = self._counts.setdefault((project, monitor.name), {})
        parts = [*sliced(watch, whole)]
        for series, passed, total in found:
            for part in ("", *parts):
                each = (
                    series if not part else Series(kind=series.kind, name=series.name, slice=part)
                )
                known = counts.setdefault((each, at), [0, 0])
                known[0] += passed
                known[1] += total

    def _tick(self, watch: Watch, whole: Assembled) -> int:
        tick = round(watch.tick_s * 1000)
        at = min(whole.began_ns // 1_000_000, self.clock.now_ms())
        return int(at // tick * tick)

    def keep(self, store: Store) -> None:
        """Keep what was counted; inside a transaction of the caller's."""
        counts, self._counts = self._counts, {}
        for (project, monitor), each in counts.items():
            store.live.tallies.add(project, monitor, {key: (p, n) for key, (p, n) in each.items()})

    def forget(self) -> None:
        """Count nothing of what was not kept."""
        self._counts = {}


def verdicts_of(attempt: Attempt, components: Sequence[Component]) -> list[tuple[Series, int, int]]:
    """Give what a graded trace says of every series: passes and observations."""
    found = [(Series(kind="judged"), int(not attempt.failures), 1)]
    if attempt.outcome != "ungraded":
        found.append((Series(kind="pass"), int(attempt.outcome == "passed"), 1))
    by_series: dict[Series, list[bool]] = {}
    for grade in attempt.grades:
        if grade.passed is not None and grade.spec is not None:
            for series in _series_of(grade):
                by_series.setdefault(series, []).append(grade.passed)
    found += [(series, int(all(passes)), 1) for series, passes in by_series.items()]
    if attempt.outcome == "failed":
        categories = sorted({*categories_of(attempt)})[:MOST_CATEGORIES]
        found += [(Series(kind="category", name=each[:100]), 0, 1) for each in categories]
        first = first_failure(attempt, components)
        if first is not None:
            found.append((Series(kind="first", name=first), 0, 1))
    return found


def series_of_grade(name: str, criterion: str | None, component: str | None) -> Iterator[Series]:
    """Give what a grade speaks for: its criterion, else its grader; and its component."""
    if criterion is not None:
        yield Series(kind="criterion", name=criterion)
    else:
        yield Series(kind="grader", name=name)
    if component is not None:
        yield Series(kind="component", name=component)


def _series_of(grade: Grade) -> Iterator[Series]:
    spec = grade.spec
    assert spec is not None, "who has none is left out"
    yield from series_of_grade(spec.name, spec.criterion, spec.component)
    if (tracked := TRACKED.get(spec.identity.type)) is not None:
        yield Series(kind="tracked", name=tracked)


def sliced(watch: Watch, whole: Assembled) -> Iterator[str]:
    """Give the slices that a trace is in: `tag=value`."""
    for name in dict.fromkeys((*watch.slices, *ALWAYS_SLICED)):
        value = whole.tag(name)
        if value is not None:
            yield f"{name}={value}"


def counted(sums: Mapping[Series, Sequence[int]], series: Series) -> tuple[int, int]:
    """Give passes and observations of a series. Of a category, and of failures that begin at a component, only
    failures are counted: all that was judged besides passed.
    """
    passed, total = sums.get(series, (0, 0))
    if series.kind in FAILURES_ALONE:
        judged = sums.get(Series(kind="judged", slice=series.slice), (0, 0))[1]
        return max(0, judged - total), max(judged, total)
    return min(passed, total), total

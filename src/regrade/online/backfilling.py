"""Old traces decided on by a monitor after the fact: what it will cost first, and resumable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from regrade.domain.errors import UnknownRunError
from regrade.domain.live import Decision, LiveTrace, TraceFilter
from regrade.store import Store

from .sampling import NOVEL, Seen, decide
from .watching import Watched, watched

PAGE = 500
"""Traces that are looked at between two transactions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """What a backfill would do, or did."""

    traces: int
    """Traces that the monitor has not decided on."""
    graded: int
    """Those of them that are graded."""
    cost_usd: float | None
    """What their judges will cost, by what they cost until now; None where nobody knows; 0 without any."""


def backfill(
    store: Store,
    project: int,
    monitor: str,
    *,
    since: datetime | None = None,
    sample: float | None = None,
    only_estimate: bool = False,
) -> Backfill:
    """Have a monitor decide on closed traces that it has not decided on, the newest first.

    Stopped at any time, it goes on where it was: what is decided stays decided.
    Raises: UnknownRunError when there is no such monitor.
    """
    found = next((w for w in watched(store, project) if w.monitor.name == monitor), None)
    if found is None:
        raise UnknownRunError(f"there is no monitor {monitor!r} in this project")
    if sample is not None:
        found = Watched(replace(found.monitor, sample=sample), found.graders, found.components)
    traces = graded = 0
    for page in _pages(store, project, since):
        decided = list(_decisions(store, project, found, page))
        traces += len(decided)
        graded += sum(each.outcome == "queued" for _, each in decided)
        if not only_estimate:
            _keep(store, decided)
    return Backfill(traces=traces, graded=graded, cost_usd=_cost(store, project, found, graded))


def _pages(store: Store, project: int, since: datetime | None) -> Iterator[list[LiveTrace]]:
    before: tuple[int, str] | None = None
    while True:
        page = store.live.traces.listed(
            project, TraceFilter(since=since), limit=PAGE, before=before
        )
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = page[-1]
        assert last.started_at is not None, "only closed traces are listed"
        before = (round(last.started_at.timestamp() * 1000), last.trace_id)


def _decisions(
    store: Store, project: int, found: Watched, page: list[LiveTrace]
) -> Iterator[tuple[int, Decision]]:
    now = datetime.now(UTC)
    for listed in page:
        trace = store.live.traces.find(project, listed.trace_id)
        if trace is None or listed.state == "open":
            continue
        known = store.live.decisions.of(trace)
        if any(d.monitor == found.monitor.name and d.revision == listed.revision for d in known):
            continue
        feedback = store.live.feedback.of(project, listed.trace_id)
        seen = Seen(listed=listed, feedback=feedback, alike=NOVEL, spent_share=0.0)
        yield trace, decide(found.monitor, seen, now)


def _keep(store: Store, decided: list[tuple[int, Decision]]) -> None:
    with store.transaction():
        for trace, each in decided:
            store.live.decisions.decide(trace, [each])
            if each.outcome == "queued":
                now_ms = round(each.decided_at.timestamp() * 1000)
                store.live.jobs.add(trace, each.monitor, each.revision, now_ms)


def _cost(store: Store, project: int, found: Watched, graded: int) -> float | None:
    """Estimate by what the monitor's judges cost a trace until now."""
    if not any(getattr(grader, "asks", ()) for grader in found.graders):
        return 0.0
    counts = store.live.decisions.counts(project)
    until_now = counts.get((found.monitor.name, "graded"), 0)
    if not until_now:
        return None
    return graded * store.live.decisions.spent(project, found.monitor.name, "") / until_now

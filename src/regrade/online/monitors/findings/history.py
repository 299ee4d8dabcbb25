"""What was counted of a monitor, tick by tick; out of the grades themselves where nothing was counted yet."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from regrade.domain.live import Series
from regrade.online.live_traces import put_together
from regrade.online.monitors.tallying import series_of_grade, sliced
from regrade.online.watching import Watched
from regrade.store import Store, TallyRow

AT_ONCE = 500
"""Traces that are put together at once."""


def history_of(store: Store, project: int, found: Watched, since_ms: int = 0) -> list[TallyRow]:
    """Give the history of a monitor, the oldest tick first."""
    name = found.monitor.name
    rows = store.live.tallies.ticks(project, name, since_ms=since_ms)
    return rows or _of_grades(store, project, found, since_ms)


def _of_grades(store: Store, project: int, found: Watched, since_ms: int) -> list[TallyRow]:
    watch, name = found.monitor.watch, found.monitor.name
    assert watch is not None, "it is asked what it would have said"
    tick = round(watch.tick_s * 1000)
    sums: defaultdict[tuple[Series, int], list[int]] = defaultdict(lambda: [0, 0])
    graded = store.live.decisions.graded(project, name, since_ms=since_ms)
    for page in _pages([(key, [*some]) for key, some in groupby(graded, key=lambda row: row[:3])]):
        wholes = (
            put_together(store, {trace: trace_id for (trace, trace_id, _), _ in page})
            if watch.slices
            else {}
        )
        for (trace, _, at), some in page:
            whole = wholes.get(trace)
            parts = [] if whole is None else [*sliced(watch, whole)]
            for series, passed in verdicts([document for *_, document in some]).items():
                for part in ("", *parts):
                    each = Series(kind=series.kind, name=series.name, slice=part)
                    known = sums[each, at // tick * tick]
                    known[0] += passed
                    known[1] += 1
    rows = [
        TallyRow(series=series, at=at, passed=passed, total=total, late=0)
        for (series, at), (passed, total) in sums.items()
    ]
    return sorted(rows, key=lambda row: row.at)


def _pages(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def verdicts(documents: Sequence[Mapping[str, Any]]) -> dict[Series, int]:
    """Give whether a graded trace passes each criterion, and each component, by the grades that were kept."""
    found: dict[Series, list[bool]] = {}
    judged = True
    for each in documents:
        judged = judged and "failure" not in each
        if each.get("passed") is None:
            continue
        for key in series_of_grade(each["name"], each.get("criterion"), each.get("component")):
            found.setdefault(key, []).append(bool(each["passed"]))
    passes = {key: int(all(each)) for key, each in found.items()}
    return {Series(kind="judged"): int(judged), **passes}

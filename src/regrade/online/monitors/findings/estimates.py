"""What is shown of a monitor: every rate with an interval that holds whenever one looks, what it is held against, and
what its detector says.
"""

from collections.abc import Mapping

from regrade.domain.live import Monitor, Series
from regrade.domain.live.findings import MonitorEstimates, SeriesEstimate
from regrade.online.monitors.detectors import Watching, restored
from regrade.online.monitors.stepping import YEAR_S
from regrade.online.monitors.tallying import counted
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.stats.sequential.detecting import Tally, evidence_below, threshold
from regrade.stats.sequential.many import e_bh
from regrade.store import Store

SHOWN_ALONE = ("volume", "coverage", "tracked")
"""Series that are no rates of results, or are told in summaries alone."""


FALSE = 0.1
"""The share of those that are named low, of which that may be a mistake, on average."""
_ORDER = (
    "pass",
    "criterion",
    "grader",
    "component",
    "latency",
    "cost",
    "judged",
    "judge",
    "category",
)


def monitor_estimates(store: Store, project: int, monitor: Monitor) -> MonitorEstimates | None:
    """Estimate every rate of a monitor; None where it watches nothing, or has not begun."""
    watch, live = monitor.watch, store.live
    row = live.tallies.watches(project).get(monitor.name)
    if watch is None or row is None:
        return None
    began = row.started_at
    rows = live.tallies.ticks(project, monitor.name, since_ms=began)
    sums: dict[Series, list[int]] = {}
    late = 0
    for each in rows:
        known = sums.setdefault(each.series, [0, 0])
        known[0] += each.passed
        known[1] += each.total
        late += each.late if each.series == Series(kind="judged") else 0
    states = {
        series: restored(document)
        for series, document in live.tallies.detectors(project, monitor.name).items()
    }
    low = _low(sums, states)
    found = []
    for series in sums:
        passed, total = counted(sums, series)
        if total and series.kind not in (*SHOWN_ALONE, "first"):
            state = states.get(series)
            interval = beta_binomial_cs(passed, total)
            found.append(
                SeriesEstimate(
                    series=series,
                    passed=passed,
                    n=total,
                    low=interval.low,
                    high=interval.high,
                    tolerated=None if state is None else state.tolerated.floor,
                    is_learning=state is None and _is_watched(monitor, series),
                    evidence=None if state is None else state.detector.value,
                    alert=None if state is None else state.alert,
                    is_low=series in low,
                )
            )
    alerting, detectors = (
        live.alerts.alerting(project),
        max(1, live.tallies.detector_count(project)),
    )
    return MonitorEstimates(
        since_ms=began,
        next_ms=row.next_at,
        threshold=threshold(alerting.years * YEAR_S / watch.tick_s, 1 / detectors),
        years=alerting.years,
        detectors=detectors,
        late=late,
        rates=sorted(found, key=lambda each: _place(each.series)),
    )


def _low(sums: Mapping[Series, list[int]], states: Mapping[Series, Watching]) -> set[Series]:
    """Name the rates that are below what is tolerated since the beginning."""
    held = [series for series in states if series in sums and counted(sums, series)[1]]
    evidence = []
    for series in held:
        passed, total = counted(sums, series)
        rate = states[
            series
        ].tolerated.floor  # of all cells the lowest: below it nothing is tolerated anywhere
        evidence.append(evidence_below([Tally(passed=passed, total=total, tolerated=rate)], rate))
    return {series for series, is_low in zip(held, e_bh(evidence, FALSE), strict=True) if is_low}


def _is_watched(monitor: Monitor, series: Series) -> bool:
    watch = monitor.watch
    assert watch is not None, "it shows something"
    is_slice = not series.slice or series.slice.partition("=")[0] in watch.slices
    return is_slice and watch.bar(series) is not None


def _place(series: Series) -> tuple[int, str, str]:
    return (
        _ORDER.index(series.kind) if series.kind in _ORDER else len(_ORDER),
        series.name,
        series.slice,
    )

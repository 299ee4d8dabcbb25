"""What is shown of a monitor: every rate with an interval that holds whenever one looks, what it is held against, and
what its detector says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from regrade.domain.live import Monitor, Series
from regrade.stats.intervals import Interval
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.stats.sequential.detecting import threshold
from regrade.store import Store

from .detectors import restored
from .tallying import counted
from .ticking import YEAR_S

SHOWN_ALONE = ("volume", "coverage")
"""Counts that are no rates of results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEstimate:
    """One rate."""

    series: Series
    """Which."""
    passed: int
    """Passes."""
    n: int
    """Observations since the monitor was last changed."""
    interval: Interval
    """The confidence sequence at 95 %: valid at every look."""
    tolerated: float | None
    """What it is held against; None where it is only shown, or not known yet."""
    is_learning: bool
    """Whether it will be held against a baseline that is not known yet."""
    evidence: float | None
    """The evidence of its detector; None without one."""
    alert: int | None
    """The alert that it is a part of."""

    @property
    def value(self) -> float:
        """The rate."""
        return self.passed / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorEstimates:
    """Everything that a monitor shows."""

    since_ms: int
    """Since when it counts."""
    next_ms: int
    """The tick that is closed next."""
    threshold: float
    """The evidence at which each of its detectors alarms."""
    years: float
    """Years between two false alarms, in all of the project, that this keeps to."""
    detectors: int
    """Detectors of the project, which share that budget."""
    late: int
    """Results that came after their tick was closed."""
    rates: Sequence[SeriesEstimate]
    """Rates: criteria first, each with its slices below."""


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
    found = []
    for series in sums:
        passed, total = counted(sums, series)
        if total and series.kind not in (*SHOWN_ALONE, "first"):
            state = states.get(series)
            found.append(
                SeriesEstimate(
                    series=series,
                    passed=passed,
                    n=total,
                    interval=beta_binomial_cs(passed, total),
                    tolerated=None if state is None else state.tolerated.floor,
                    is_learning=state is None and _is_watched(monitor, series),
                    evidence=None if state is None else state.detector.value,
                    alert=None if state is None else state.alert,
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

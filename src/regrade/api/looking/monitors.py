"""Monitors at a glance: how much they look at, what they say, how far behind they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Json
from regrade.domain.live import Alert, Monitor, Series
from regrade.domain.live.findings import MonitorEstimates, SeriesEstimate
from regrade.online import watched
from regrade.online.monitors import monitor_estimates
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.store import Store

from .memory import Memory

RECENT = 1000
"""The newest traces over which decisions are counted."""
POINTS = 120
"""Points of a running estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorNow:
    """A monitor as it stands."""

    name: str
    """Its name."""
    monitor: Monitor | None
    """What it says; None where its files are broken."""
    document: Json
    """As it was written."""
    origin: str
    """Where it was written: a file, or the interface."""
    recent: Mapping[str, int]
    """Decisions on the newest traces of the project, by outcome."""
    estimates: MonitorEstimates | None
    """Its rates; None where it raises no alerts, or has not begun."""
    standing: Sequence[Alert]
    """Its alerts that are not over."""

    @property
    def coverage(self) -> float | None:
        """The share of the traces that it chose that are graded by now, of the newest."""
        chosen = sum(self.recent.get(each, 0) for each in ("graded", "queued", "failed"))
        return self.recent.get("graded", 0) / chosen if chosen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A running estimate at the end of a tick."""

    at_ms: int
    """The beginning of the tick."""
    rate: float | None
    """The rate of the tick alone; None where nothing came."""
    n: int
    """Results of the tick."""
    value: float
    """The rate of everything since the monitor began."""
    low: float
    """The lower end of its interval, which holds at every look, at 95 %."""
    high: float
    """The upper end."""


def monitors_now(store: Store, project: int, name: str | None = None) -> list[MonitorNow]:
    """Give the monitors of a project, or the one of a name, as they stand."""
    live = store.live
    documents = live.decisions.monitors(project)
    wanted = [each for each in documents if name in (None, each)]
    if not wanted:
        return []
    built = {each.monitor.name: each.monitor for each in watched(store, project)}
    counts = live.decisions.recent(project, RECENT)
    return [
        MonitorNow(
            name=each,
            monitor=built.get(each),
            document=documents[each]["monitor"],
            origin=documents[each].get("origin") or documents[each]["folder"],
            recent={outcome: n for (whose, outcome), n in counts.items() if whose == each},
            estimates=_estimates(store, project, built.get(each)),
            standing=[*live.alerts.standing(project, each).values()],
        )
        for each in wanted
    ]


_ESTIMATES: Memory[MonitorEstimates | None] = Memory(200)


def _estimates(store: Store, project: int, monitor: Monitor | None) -> MonitorEstimates | None:
    """Estimate the rates of a monitor; once a tick, and anew when its alerts change."""
    if monitor is None:
        return None
    row = store.live.tallies.watches(project).get(monitor.name)
    if row is None:
        return None
    alerts = sorted(
        (each.alert, each.state)
        for each in store.live.alerts.standing(project, monitor.name).values()
    )
    now = (monitor.version, row.next_at, row.started_at, *alerts)
    key = (str(store.place), project, monitor.name, now)
    return _ESTIMATES.get(key) or _ESTIMATES.put(key, monitor_estimates(store, project, monitor))


def running_estimate(
    store: Store, project: int, monitor: str, series: Series, since_ms: int
) -> list[Point]:
    """Give the running estimate of a rate since the monitor began, at so many ticks at most."""
    rows = store.live.tallies.ticks(project, monitor, series, since_ms=since_ms)
    wanted = {*_spread(len(rows))}
    passed = total = 0
    found = []
    for at, row in enumerate(rows):
        passed += row.passed
        total += row.total
        if at in wanted and total:
            ends = beta_binomial_cs(passed, total)
            rate = row.passed / row.total if row.total else None
            found.append(
                Point(
                    at_ms=row.at,
                    rate=rate,
                    n=row.total,
                    value=passed / total,
                    low=ends.low,
                    high=ends.high,
                )
            )
    return found


def _spread(number: int) -> list[int]:
    """Give so many places at most, the last one among them."""
    if number <= POINTS:
        return [*range(number)]
    return [round(each * (number - 1) / (POINTS - 1)) for each in range(POINTS)]


def shown_series(found: MonitorEstimates, key: str, part: str) -> SeriesEstimate | None:
    """Give the rate that is asked for; else one with an alert, else the first."""
    rates = found.rates
    asked = (e for e in rates if (e.series.key, e.series.slice) == (key, part))
    alerting = (e for e in rates if e.alert is not None)
    return next(asked, None) or next(alerting, None) or next(iter(rates), None)


def lag_s(store: Store, now_ms: int) -> float | None:
    """Say for how many seconds the oldest work has waited; None where none waits."""
    oldest = store.live.jobs.oldest_ms()
    return None if oldest is None else max(0.0, (now_ms - oldest) / 1000)

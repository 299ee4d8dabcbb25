"""What is no rate: work that waits too long, and traffic that stopped. Both are plain to see."""

from regrade.domain import Json
from regrade.domain.live import Monitor, Series
from regrade.store import Store

from .alarms import Alarms, wall_ms

EASED = 0.5
"""The part of the longest lag below which work is said to be done in time again."""
LAG, SILENCE = Series(kind="lag"), Series(kind="no_traffic")


def look_at_conditions(store: Store, alarms: Alarms, project: int, monitor: Monitor) -> None:
    """Raise and end the alerts of what is plain to see; inside the transaction of a tick."""
    watch = monitor.watch
    if watch is None:
        return
    if watch.lag_s is not None:
        oldest = store.live.jobs.oldest_of(project, monitor.name)
        lag_s = 0.0 if oldest is None else max(0.0, (wall_ms() - oldest) / 1000)
        _set(alarms, monitor, LAG, lag_s, watch.lag_s, watch.lag_s * EASED)
    if watch.silent_s is not None:
        last = store.live.tallies.last(project, monitor.name)
        if last is not None:
            silent_s = max(0.0, (alarms.now_ms - last) / 1000 - watch.tick_s)
            _set(alarms, monitor, SILENCE, silent_s, watch.silent_s, watch.silent_s)


def _set(
    alarms: Alarms, monitor: Monitor, series: Series, value: float, most: float, eased: float
) -> None:
    standing = alarms.standing(monitor.name).get(series.key)
    if standing is None and value > most:
        facts: dict[str, Json] = {"seconds": round(value, 1), "most": most}
        began = alarms.now_ms - round(value * 1000)
        alarms.alarm(monitor, series, began, alarms.now_ms, facts)
        [alert] = alarms.fresh(monitor.name)
        alarms.tell(monitor, alert, "opened")
    elif standing is not None and value < eased:
        alarms.end(monitor, standing)

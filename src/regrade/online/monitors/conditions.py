"""What is no rate: work that waits too long, and traffic that stopped. Both are plain to see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regrade.domain import Json
from regrade.domain.live import Alert, Monitor, Series
from regrade.store import Store

from .alarms import Alarms, wall_ms

EASED = 0.5
"""The part of the longest lag below which work is said to be done in time again."""
LAG, SILENCE = Series(kind="lag"), Series(kind="no_traffic")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that begins to hold, or is over."""

    series: Series
    """What."""
    seconds: float
    """For how long it holds."""
    most: float
    """For how long it may."""
    is_over: bool
    """Whether it ends."""


def conditions_of(
    store: Store, project: int, monitor: Monitor, standing: Mapping[str, Alert], now_ms: int
) -> Iterator[Condition]:
    """Give the conditions of a monitor that begin or end now."""
    watch = monitor.watch
    if watch is None:
        return
    if watch.lag_s is not None:
        oldest = store.live.jobs.oldest_of(project, monitor.name)
        lag_s = 0.0 if oldest is None else max(0.0, (wall_ms() - oldest) / 1000)
        yield from _changed(LAG, lag_s, watch.lag_s, watch.lag_s * EASED, standing)
    if watch.silent_s is not None:
        last = store.live.tallies.last(project, monitor.name)
        if last is not None:
            silent_s = max(0.0, (now_ms - last) / 1000 - watch.tick_s)
            yield from _changed(SILENCE, silent_s, watch.silent_s, watch.silent_s, standing)


def _changed(
    series: Series, value: float, most: float, eased: float, standing: Mapping[str, Alert]
) -> Iterator[Condition]:
    is_known = series.key in standing
    if value > most and not is_known:
        yield Condition(series, value, most, is_over=False)
    elif value < eased and is_known:
        yield Condition(series, value, most, is_over=True)


def settle(alarms: Alarms, monitor: Monitor, condition: Condition) -> None:
    """Raise the alert of a condition, or end it; inside a transaction of the caller's."""
    if condition.is_over:
        alarms.end(monitor, alarms.standing(monitor.name)[condition.series.key])
        return
    facts: dict[str, Json] = {"seconds": round(condition.seconds, 1), "most": condition.most}
    began = alarms.now_ms - round(condition.seconds * 1000)
    alarms.alarm(monitor, condition.series, began, alarms.now_ms, facts)
    [alert] = alarms.fresh(monitor.name)
    alarms.tell(monitor, alert, "opened")

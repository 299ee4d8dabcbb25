"""What people do with alerts: acknowledge, close, mute."""

import time

from regrade.domain.errors import UsageError
from regrade.domain.live import Alert, AlertState
from regrade.online.monitors.clock import EventClock
from regrade.store import Store


def change_alert(
    store: Store, project: int, number: int, state: AlertState, clock: EventClock | None = None
) -> Alert:
    """Acknowledge an alert, or close it; who was told of it is told of that.

    Raises: UsageError where there is no such alert, or it is over.
    """
    if state not in ("acknowledged", "resolved"):
        raise UsageError(f"an alert is acknowledged or resolved, and not {state}")
    now_ms = (clock or EventClock()).now_ms()
    alerts = store.live.alerts
    with store.transaction():
        known = alerts.get(project, number)
        if known is None:
            raise UsageError(f"there is no alert {number}")
        if not alerts.change(project, number, state, at_ms=now_ms):
            raise UsageError(f"the alert {number} is over: it is {known.state}")
        for channel in alerts.alerting(project).channels:
            if channel.type == "pagerduty" or state == "resolved":
                document = {"event": state, "alert": number}
                key = f"{state} {number}"
                store.live.deliveries.add(project, channel.name, key, document, _wall_ms())
        changed = alerts.get(project, number)
    assert changed is not None, "it was changed"
    return changed


def mute_series(store: Store, project: int, monitor: str, series: str, until_ms: int) -> None:
    """Send nothing of a monitor and a series until a moment; alerts are raised all the same. An empty series is all
    of them.
    """
    with store.transaction():
        store.live.alerts.mute(project, monitor, series, until_ms)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000

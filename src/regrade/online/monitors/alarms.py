"""Alerts as they are raised, added to, and seen to end, in the transaction of a tick; with the messages that tell of
them.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from regrade.domain import Json
from regrade.domain.live import Alert, Alerting, Monitor, Series
from regrade.online.watching import Watched
from regrade.store import Store

from .evidence import evidence_of


@dataclass(slots=True)
class Alarms:
    """The alerts of a project, while ticks are closed."""

    store: Store
    """Where they are kept."""
    project: int
    """The project."""
    alerting: Alerting
    """Who is told."""
    now_ms: int
    """Now, by the clock of the traffic."""
    _standing: dict[str, dict[str, Alert]] = field(default_factory=dict)
    _fresh: dict[str, list[int]] = field(default_factory=dict)

    def standing(self, monitor: str) -> dict[str, Alert]:
        """Give the alerts of a monitor that are not over, by the key of their series."""
        if monitor not in self._standing:
            self._standing[monitor] = self.store.live.alerts.standing(self.project, monitor)
        return self._standing[monitor]

    def fresh(self, monitor: str) -> list[Alert]:
        """Give those that were raised just now, and forget that they were."""
        wanted = self._fresh.pop(monitor, [])
        return [each for each in self.standing(monitor).values() if each.alert in wanted]

    def alarm(
        self, monitor: Monitor, series: Series, began_ms: int, at_ms: int, facts: Mapping[str, Json]
    ) -> int:
        """Raise an alert, or add a slice to the one of the same series; gives its number."""
        known = self.standing(monitor.name).get(series.key)
        about: dict[str, Json] = {**facts, "since_ms": began_ms, "at_ms": at_ms}
        alerts = self.store.live.alerts
        if known is not None:
            slices = {**known.evidence.get("slices", {}), series.slice: about}
            known = replace(known, evidence={**known.evidence, "slices": slices})
            alerts.add_evidence(self.project, known.alert, known.evidence)
            self.standing(monitor.name)[series.key] = known
            return known.alert
        number = alerts.open(
            self.project, monitor.name, series.key, at_ms=at_ms, since_ms=began_ms,
            evidence={"slices": {series.slice: about}},
        )  # fmt: skip
        assert number is not None, "else it would be standing"
        opened = alerts.get(self.project, number)
        assert opened is not None, "it was just opened"
        self.standing(monitor.name)[series.key] = opened
        self._fresh.setdefault(monitor.name, []).append(number)
        return number

    def explain(self, found: Watched) -> None:
        """Write down what is known of the alerts that were raised just now, and have them told: as one, since what
        fell at once fell together. The one with most evidence speaks for all.
        """
        alerts = sorted(self.fresh(found.monitor.name), key=_strength, reverse=True)
        for alert in alerts:
            evidence = evidence_of(self.store, alert, found, self.now_ms)
            if alert is alerts[0]:
                evidence["also"] = [each.series for each in alerts[1:]]
            else:
                evidence["told_with"] = alerts[0].alert
            self.store.live.alerts.add_evidence(self.project, alert.alert, evidence)
            known = self.standing(alert.monitor)[alert.series] = replace(alert, evidence=evidence)
            self.tell(found.monitor, known, "opened")

    def recovered(self, monitor: Monitor, series: Series, alert: int) -> None:
        """Note that the rate of a slice is back; the alert is over when all of its slices are."""
        known = self.standing(monitor.name).get(series.key)
        if known is None or known.alert != alert:
            return
        slices = {name: dict(each) for name, each in known.evidence.get("slices", {}).items()}
        slices.setdefault(series.slice, {})["recovered_ms"] = self.now_ms
        known = replace(known, evidence={**known.evidence, "slices": slices})
        if all("recovered_ms" in each for each in slices.values()):
            self.end(monitor, known)
            return
        self.store.live.alerts.add_evidence(self.project, alert, known.evidence)
        self.standing(monitor.name)[series.key] = known

    def end(self, monitor: Monitor, alert: Alert) -> None:
        """Note that an alert is over by itself, and have it told."""
        self.store.live.alerts.change(
            self.project, alert.alert, "recovered", at_ms=self.now_ms, evidence=alert.evidence
        )
        self.standing(monitor.name).pop(alert.series, None)
        self.tell(monitor, alert, "recovered")

    def tell(self, monitor: Monitor, alert: Alert, event: str) -> None:
        """Have an alert told on the channels of the monitor, once an event; nothing of what is muted, or was told
        with another one.
        """
        live = self.store.live
        if "told_with" in alert.evidence:
            return
        if live.alerts.is_muted(self.project, monitor.name, alert.series, self.now_ms):
            return
        sent = () if monitor.watch is None else monitor.watch.send
        for channel in self.alerting.channels:
            if not sent or channel.name in sent:
                key = f"{event} {alert.alert}"
                document = {"event": event, "alert": alert.alert}
                live.deliveries.add(self.project, channel.name, key, document, wall_ms())


def _strength(alert: Alert) -> float:
    """Give the evidence of an alert, as a part of its threshold."""
    slices = alert.evidence.get("slices", {}).values()
    return max(
        (each.get("evidence", 0.0) / each.get("threshold", 1.0) for each in slices), default=0.0
    )


def wall_ms() -> int:
    """Give the time of the machine, by which messages are sent."""
    return time.time_ns() // 1_000_000

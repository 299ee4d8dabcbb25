"""A day or a week of live traffic: the tracked series by slice, beside those of the one before; alerts; releases."""

from collections.abc import Mapping
from datetime import UTC, datetime

from regrade.domain import Json
from regrade.domain.live import Alerting, Series
from regrade.online.monitors.alarms import wall_ms
from regrade.online.monitors.clock import EventClock
from regrade.online.monitors.tallying import TRACKED, counted
from regrade.online.watching import watched
from regrade.report.live.summary import (
    MonitorSummary,
    Summary,
    SummaryRow,
    summary_html,
    summary_markdown,
    summary_title,
)
from regrade.stats import wilson
from regrade.store import Store

from .channels import Message

DAY_MS = 86_400_000
PERIODS: Mapping[str, int] = {"day": DAY_MS, "week": 7 * DAY_MS}
"""Milliseconds of a period."""
MONDAY_MS = 4 * DAY_MS
"""The first Monday of 1970: where weeks begin."""


def last_period(period: str, now_ms: int) -> tuple[int, int]:
    """Give the beginning and the end of the last whole day or week (UTC, from Monday)."""
    length = PERIODS[period]
    shift = MONDAY_MS if period == "week" else 0
    end = (now_ms - shift) // length * length + shift
    return end - length, end


def summarized(store: Store, project: int, since_ms: int, until_ms: int) -> Summary:
    """Gather what is told of the traffic between two moments."""
    live, length = store.live, until_ms - since_ms
    number, p50, p95, cost = live.traces.operations(project, since_ms, until_ms)
    before = live.traces.operations(project, since_ms - length, since_ms)
    up, thumbs = live.feedback.thumbs(project, since_ms, until_ms)
    monitors = []
    for each in watched(store, project):
        name = each.monitor.name
        now = live.tallies.sums(project, name, since_ms, until_ms)
        earlier = live.tallies.sums(project, name, since_ms - length, since_ms)
        rows = [
            SummaryRow(
                name=_called(series),
                slice=series.slice,
                now=_rate(counted(now, series)),
                before=_rate(counted(earlier, series)),
            )
            for series in sorted(now, key=_place)
            if series.kind in ("pass", "tracked", "criterion", "component")
        ]
        monitors.append(MonitorSummary(name=name, rows=rows))
    return Summary(
        since=_moment(since_ms),
        until=_moment(until_ms),
        traces=number,
        traces_before=before[0],
        latency_p50_ms=p50,
        latency_p95_ms=p95,
        latency_p95_before_ms=before[2],
        cost_usd=cost,
        cost_before_usd=before[3],
        thumbs=_rate((up, thumbs)),
        monitors=monitors,
        alerts=[
            alert
            for alert in live.alerts.listed(project, since_ms=since_ms)
            if alert.opened_at < _moment(until_ms)
        ],
        open_alerts=len(live.alerts.listed(project, is_open=True)),
        releases=[
            (_moment(at), service, version)
            for at, service, version in live.alerts.releases(project)
            if since_ms <= at < until_ms
        ],
    )


_KINDS = ("pass", "tracked", "criterion", "component")


def _place(series: Series) -> tuple[int, int, str, str]:
    kind = _KINDS.index(series.kind) if series.kind in _KINDS else len(_KINDS)
    names = [*dict.fromkeys(TRACKED.values())]
    at = names.index(series.name) if series.name in names else 0
    return kind, at, series.name, series.slice


def _called(series: Series) -> str:
    if series.kind == "pass":
        return "task success"
    return series.name if series.kind == "tracked" else f"{series.kind} {series.name}"


def _rate(count: tuple[int, int]) -> tuple[float, float, float, int] | None:
    passed, total = count
    if not total:
        return None
    low, high = wilson(passed, total)  # a period that is over is looked at once
    return passed / total, low, high, total


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def summary_message(store: Store, project: int, document: Mapping[str, Json]) -> Message:
    """Write a summary as a message."""
    found = summarized(store, project, document["since_ms"], document["until_ms"])
    return Message(
        event="summary",
        title=summary_title(found),
        text=summary_markdown(found),
        key=f"regrade summary {project}-{document['until_ms']}",
        at=found.until,
        html=summary_html(found),
    )


def queue_summaries(store: Store, clock: EventClock) -> int:
    """Have the summary of the last whole period sent, once, where a project asks for it; gives how many messages."""
    queued = 0
    for project in store.live.projects.names().values():
        alerting: Alerting = store.live.alerts.alerting(project)
        if alerting.summary is None:
            continue
        since, until = last_period(alerting.summary, clock.now_ms())
        document: Json = {"event": "summary", "since_ms": since, "until_ms": until}
        with store.transaction():
            for channel in alerting.channels:
                is_meant = not alerting.summary_to or channel.name in alerting.summary_to
                if is_meant and channel.type != "pagerduty":
                    key = f"summary {alerting.summary} {until}"
                    store.live.deliveries.add(project, channel.name, key, document, wall_ms())
                    queued += 1
    return queued

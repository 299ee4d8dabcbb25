"""`/metrics`: what Prometheus asks for, in its text format."""

import time
from collections.abc import Iterator

from regrade.online import Receiver, Upkeep
from regrade.store import Store

from .counting import Counts

TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of the format."""


def metrics_text(store: Store, receiver: Receiver, upkeep: Upkeep, counts: Counts) -> str:
    """Write everything that is counted."""
    return "\n".join(_lines(store, receiver, upkeep, counts)) + "\n"


def _lines(store: Store, receiver: Receiver, upkeep: Upkeep, counts: Counts) -> Iterator[str]:
    live, closer, worker = store.live, upkeep.closer, upkeep.worker
    yield from _one(
        "regrade_spans_received_total", "Spans and log records taken in.", receiver.received
    )
    yield from _one("regrade_spans_new_total", "Those that were new.", receiver.new)
    yield from _one(
        "regrade_spans_rejected_total", "Those that could not be kept.", counts.rejected
    )
    yield from _one(
        "regrade_requests_refused_total", "Requests sent away under pressure.", counts.refused
    )
    yield from _one(
        "regrade_bodies_unreadable_total", "Bodies that were no message.", counts.unreadable
    )
    yield from _one(
        "regrade_waiting_bytes", "Bytes that wait to be written.", receiver.waiting_bytes, "gauge"
    )
    yield from _one(
        "regrade_traces_closed_total",
        "Traces closed by this process.",
        closer.closed if closer else 0,
    )
    yield from _one(
        "regrade_traces_graded_total",
        "Traces graded by this process.",
        worker.graded if worker else 0,
    )
    yield from _one(
        "regrade_grader_failures_total",
        "Graders that could not judge.",
        worker.failed if worker else 0,
    )
    yield from _head("regrade_traces", "Traces by state.", "gauge")
    for state, number in sorted(live.traces.counts().items()):
        yield f'regrade_traces{{state="{state}"}} {number}'
    yield from _head("regrade_jobs", "Traces that wait to be graded, by state.", "gauge")
    for state, number in sorted(live.jobs.counts().items()):
        yield f'regrade_jobs{{state="{state}"}} {number}'
    oldest = live.jobs.oldest_ms()
    lag = 0.0 if oldest is None else max(0.0, time.time() - oldest / 1000)
    yield from _one(
        "regrade_lag_seconds", "How long the oldest work waits.", round(lag, 3), "gauge"
    )
    yield from _one(
        "regrade_ticks_closed_total",
        "Ticks of monitors closed by this process.",
        upkeep.ticker.closed if upkeep.ticker else 0,
    )
    yield from _head("regrade_messages", "Messages to channels, by state.", "gauge")
    for state, number in sorted(live.deliveries.counts().items()):
        yield f'regrade_messages{{state="{state}"}} {number}'
    yield from _head("regrade_alerts_open", "Alerts that are not over, by project.", "gauge")
    for name, project in live.projects.names().items():
        number = len(live.alerts.listed(project, is_open=True))
        yield f'regrade_alerts_open{{project="{_label(name)}"}} {number}'
    yield from _one("regrade_dead_letters", "Bodies laid aside.", live.letters.count(), "gauge")
    yield from _head("regrade_decisions", "Decisions by monitor and outcome.", "gauge")
    for name, project in live.projects.names().items():
        for (monitor, outcome), number in sorted(live.decisions.counts(project).items()):
            labels = f'project="{_label(name)}",monitor="{_label(monitor)}",outcome="{outcome}"'
            yield f"regrade_decisions{{{labels}}} {number}"


def _head(name: str, words: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"


def _one(name: str, words: str, value: float, kind: str = "counter") -> Iterator[str]:
    yield from _head(name, words, kind)
    yield f"{name} {value}"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

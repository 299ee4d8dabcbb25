"""Users of the assistant: questions of five topics, steps exported by OpenTelemetry's own exporter, thumbs and
corrections where an answer is missing.

`python traffic.py SECONDS`; ASSISTANT_VERSION says which version answers, REGRADE_CLOCK on which clock.
"""

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant import answer, version
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import regrade
from regrade.client import Client

A_SECOND = 40
"""Questions a second."""
DISLIKED, CORRECTED = 0.3, 0.2
"""How often users say that an answer is missing, and what it would have been."""
UNSAMPLED = trace.SpanContext(1, 1, is_remote=False, trace_flags=trace.TraceFlags(0))
"""The parent of steps that are not recorded."""
NOT_FOUND = "could not find"


def on_the_clock(ns: int) -> int:
    """Give a moment by the clock of the traffic, in nanoseconds."""
    rate, _, start = os.environ.get("REGRADE_CLOCK", "1@0").partition("@")
    begin = int(float(start) * 1e9)
    return begin + round((ns - begin) * float(rate))


class OnTheClock(SpanExporter):
    """Hands spans on with their times by the clock of the traffic."""

    def __init__(self, inner: SpanExporter) -> None:
        """Take who exports them."""
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export spans."""
        for each in spans:
            each._start_time = on_the_clock(each.start_time or 0)  # noqa: SLF001  what has no other way in
            each._end_time = on_the_clock(each.end_time or 0)  # noqa: SLF001  as above
        return self._inner.export(spans)

    def shutdown(self) -> None:
        """End."""
        self._inner.shutdown()


def questions() -> list[tuple[str, str]]:
    """Give questions with their topics: those that version 1.0 answers."""
    rows = json.loads((Path(__file__).parent / "questions.json").read_text())
    return [(topic, question) for topic, some in rows.items() for question in some]


def ask(topic: str, question: str) -> tuple[str, str]:
    """Have the assistant answer; gives the id of the trace, and the answer."""
    with regrade.span("answer", kind="chain") as step:
        step.input(question)
        step.attribute("regrade.tag.topic", topic)
        output: dict[str, Any] = answer(question).output
        step.output(output)
        context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}", str(output["answer"])


def main(seconds: float, endpoint: str) -> None:
    """Ask for a while."""
    resource = Resource.create({"service.name": "help-centre", "service.version": version()})
    provider = TracerProvider(resource=resource)
    exporter = OnTheClock(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces"))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=200))
    trace.set_tracer_provider(provider)
    client, chance, known = Client(endpoint), random.Random(), questions()  # noqa: S311  users
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        topic, question = chance.choice(known)
        trace_id, said = ask(topic, question)
        if NOT_FOUND in said and chance.random() < DISLIKED:
            client.feedback(trace_id, "thumbs", value=False)
        if NOT_FOUND in said and chance.random() < CORRECTED:
            client.feedback(trace_id, "correction", value=what_was_right(question))
        time.sleep(1 / A_SECOND)
    provider.shutdown()


def what_was_right(question: str) -> str:
    """Give what a user knows: what the first version said. Nobody asked for it, so that no step of it is sent."""
    now = os.environ.pop("ASSISTANT_VERSION", "1.0")
    try:
        with trace.use_span(trace.NonRecordingSpan(UNSAMPLED)):
            return str(answer(question).output["answer"])
    finally:
        os.environ["ASSISTANT_VERSION"] = now


if __name__ == "__main__":
    main(float(sys.argv[1]), os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"])

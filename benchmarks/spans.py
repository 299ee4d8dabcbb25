"""Print the CPU microseconds that recording adds to a span: twenty thousand of them, the best of five.

The application makes the spans with OpenTelemetry's SDK in either case; what is counted is the
recorder, and the translation into our spans.
"""

import time

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from regrade.domain import Trace
from regrade.ingest.capture import SpanRecorder

SPANS, TIMES = 20_000, 5


def work(tracer: trace.Tracer) -> None:
    for _ in range(SPANS):
        with tracer.start_as_current_span("step") as span:
            span.set_attribute("gen_ai.request.model", "a-model")
            span.set_attribute("gen_ai.usage.input_tokens", 10)


def main() -> None:
    trace.set_tracer_provider(TracerProvider())
    plain = recorded = float("inf")
    for _ in range(TIMES):
        began = time.process_time()
        work(TracerProvider().get_tracer("unrecorded"))
        plain = min(plain, time.process_time() - began)
        with SpanRecorder().opened() as recorder:
            began = time.process_time()
            with recorder.recording() as recording:
                work(trace.get_tracer("recorded"))
                found = recording.added_to(Trace())
            recorded = min(recorded, time.process_time() - began)
        assert len(found.spans) == SPANS
    print((recorded - plain) / SPANS * 1e6)


if __name__ == "__main__":
    main()

"""An attempt's own spans, taken from the OpenTelemetry of the application that runs in this process.

Each attempt is a trace of its own: a parent is put into the context that the target is called in,
sampled, with a trace id that nobody else has. Whatever the application does in that context, its
tasks, and its threads (which are made to carry the context on), lands in that trace. The
application's own provider and exporters keep working: we add a processor to the provider that is
there, and put one there only where there is none; an application that sets its own later takes its
place.

A span that is still open when the answer comes is kept without an end; what is ended later than
that is not waited for.
"""

import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from opentelemetry import context as otel_context, trace as otel
from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from regrade.domain import Json, Span, Trace
from regrade.wire.propagation import awaiting_spans

from .raw import RawEvent, RawSpan
from .spans import to_spans
from .views import DROPPED, seen_by

MOST_SPANS = 50_000
"""Spans of one attempt that are kept; a trace's metadata tells how many more there were."""


class _Recording:
    """The spans of one attempt."""

    def __init__(self, began_ns: int) -> None:
        self._open: dict[int, ReadableSpan] = {}
        self._ended: list[ReadableSpan] = []
        self.began_ns = began_ns
        self.dropped = 0
        self.handed_back: Sequence[Span] = ()

    def started(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        if context is None:
            return
        if len(self._ended) + len(self._open) >= MOST_SPANS:
            self.dropped += 1
            return
        self._open[context.span_id] = span

    def ended(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        if context is not None and self._open.pop(context.span_id, None) is not None:
            self._ended.append(span)

    def added_to(self, trace: Trace) -> Trace:
        """Give a trace with what was recorded until now."""
        found = [*self._ended, *list(self._open.values())]
        own = to_spans((_raw(span) for span in found), self.began_ns)
        both = sorted((*own, *self.handed_back), key=lambda span: span.start_s)
        seen = seen_by(trace, both)
        if not self.dropped:
            return seen
        return replace(seen, metadata={**seen.metadata, DROPPED: self.dropped})


class _Processor(SpanProcessor):
    """Sorts spans into the attempts that they belong to; costs others a look into a table."""

    def __init__(self, recordings: dict[int, _Recording]) -> None:
        self._recordings = recordings

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        recording = self._recordings.get(span.get_span_context().trace_id)
        if recording is not None:
            recording.started(span)

    def on_end(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        recording = None if context is None else self._recordings.get(context.trace_id)
        if recording is not None:
            recording.ended(span)

    def shutdown(self) -> None:
        """An application that shuts its tracer down does not end the run."""


class SpanRecorder:
    """Records the spans of attempts, while it is open."""

    def __init__(self, seed: int | None = None) -> None:
        """Take a seed for trace ids, for tests; they are random otherwise."""
        self._recordings: dict[int, _Recording] = {}
        self._processor = _Processor(self._recordings)
        self._known: set[int] = set()
        self._lock = threading.Lock()
        self._ids = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311  not secret
        self._numbers = itertools.count(1)

    @contextmanager
    def opened(self) -> Iterator["SpanRecorder"]:
        """Carry contexts into threads for as long as it is open."""
        threads = ThreadingInstrumentor()
        is_ours = not threads.is_instrumented_by_opentelemetry
        if is_ours:
            threads.instrument()
        try:
            yield self
        finally:
            if is_ours:
                threads.uninstrument()
            self._recordings.clear()

    @contextmanager
    def recording(self, parent: str | None = None) -> Iterator[_Recording]:
        """Record what happens inside the context, and nothing else; `parent` is the `traceparent`
        of the process that asked, where it was another one.
        """
        self._attach()
        above = self._new_parent() if parent is None else _read_parent(parent)
        trace_id = above.trace_id
        recording = self._recordings[trace_id] = _Recording(time.time_ns())
        token = otel_context.attach(
            otel.set_span_in_context(NonRecordingSpan(above), otel_context.Context())
        )
        try:
            with awaiting_spans(recording.began_ns) as handed_back:
                recording.handed_back = handed_back.spans
                yield recording
        finally:
            with suppress(ValueError):  # another context: the attempt was moved between tasks
                otel_context.detach(token)
            self._recordings.pop(trace_id, None)

    def _new_parent(self) -> SpanContext:
        return SpanContext(
            trace_id=self._ids.getrandbits(128) or 1,
            span_id=next(self._numbers),
            is_remote=False,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )

    def _attach(self) -> None:
        """Add our processor to the provider that is there now."""
        provider = otel.get_tracer_provider()
        if id(provider) in self._known:
            return
        with self._lock:
            if isinstance(provider, otel.ProxyTracerProvider):
                provider = TracerProvider()
                _put_in_place(provider)
            add = getattr(provider, "add_span_processor", None)
            if add is not None and id(provider) not in self._known:
                add(self._processor)
            self._known.add(id(provider))


def _put_in_place(provider: TracerProvider) -> None:
    """Make a provider the global one without using up the application's only right to set its own."""
    otel._TRACER_PROVIDER = provider  # noqa: SLF001  set_tracer_provider would refuse the application's


def _read_parent(traceparent: str) -> SpanContext:
    carrier = {"traceparent": traceparent}
    context = TraceContextTextMapPropagator().extract(carrier, otel_context.Context())
    return otel.get_current_span(context).get_span_context()


def _raw(span: ReadableSpan) -> RawSpan:
    context = span.get_span_context()
    assert context is not None, "only spans with a context are recorded"
    parent = span.parent
    return RawSpan(
        span_id=f"{context.span_id:016x}",
        parent_id=None if parent is None else f"{parent.span_id:016x}",
        name=span.name,
        start_ns=span.start_time or 0,
        end_ns=span.end_time,
        is_error=span.status.status_code is StatusCode.ERROR,
        status=span.status.description or "",
        attributes={name: _plain(value) for name, value in (span.attributes or {}).items()},
        events=tuple(
            RawEvent(
                name=event.name,
                attributes={
                    name: _plain(value) for name, value in (event.attributes or {}).items()
                },
            )
            for event in span.events
        ),
        is_truncated=bool(span.dropped_attributes),
    )


def _plain(value: Any) -> Json:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value

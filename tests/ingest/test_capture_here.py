"""The recorder in this very process, and the decorators under it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import regrade
from regrade.domain import NOT_CAPTURED, Span, Trace
from regrade.ingest.capture import MOST_SPANS, SpanRecorder
from regrade.ingest.views import DROPPED
from regrade.instrument import MOST_CHARACTERS


@pytest.fixture(scope="module")
def recorder() -> Iterator[SpanRecorder]:
    with SpanRecorder(seed=1).opened() as opened:
        yield opened


def recorded(recorder: SpanRecorder, work: Any) -> tuple[Span, ...]:
    with recorder.recording() as recording:
        work()
    return recording.added_to(Trace(output="x")).spans


def test_every_form_of_function_is_a_span_with_what_it_was_given_and_gave(
    recorder: SpanRecorder,
) -> None:
    class Shop:
        @regrade.component("method")
        def method(self, a: int) -> int:
            return a

    @regrade.component("later")
    async def later(a: int, *more: int) -> int:
        return a

    @regrade.component("several")
    def several(n: int) -> Iterator[int]:
        yield from range(n)

    @regrade.component("several later")
    async def several_later(n: int) -> AsyncIterator[int]:
        for each in range(n):
            yield each

    async def drain() -> list[int]:
        return [each async for each in several_later(2)]

    def work() -> None:
        Shop().method(1)
        asyncio.run(later(2, 3))
        list(several(2))
        asyncio.run(drain())

    spans = {span.name: span for span in recorded(recorder, work)}
    assert (spans["method"].input, spans["method"].output) == ({"a": 1}, 1)
    assert spans["later"].input == {"a": 2, "more": [3]}
    assert spans["several"].output == spans["several later"].output == [0, 1]


def test_failures_are_recorded_and_go_on(recorder: SpanRecorder) -> None:
    @regrade.component("broken")
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    def work() -> None:
        with pytest.raises(ValueError, match="no"):
            list(broken())
        half = broken()
        next(half)
        half.close()  # type: ignore[attr-defined]  # a generator

    errors = [span.error for span in recorded(recorder, work)]
    assert errors == ["ValueError: no", None]


def test_what_a_step_is_told_is_kept_and_what_is_too_long_is_said_to_be(
    recorder: SpanRecorder,
) -> None:
    def work() -> None:
        with regrade.span("a", kind="retrieval") as step:
            step.attribute("stage", "one")
            step.input({"q": 1})
            step.documents([{"id": "d", "text": "t"}])
        with regrade.span("long") as step:
            step.output("x" * (MOST_CHARACTERS + 1))
        with regrade.span("odd") as step:
            step.output({1, 2})

    a, long, odd = recorded(recorder, work)
    assert a.attributes == {"stage": "one"}
    assert a.retrieved is not None
    assert a.retrieved[0].id == "d"
    assert long.is_truncated
    assert long.output is NOT_CAPTURED
    assert odd.output == "{1, 2}"


def test_outside_of_a_recording_nothing_is_kept(recorder: SpanRecorder) -> None:
    with regrade.span("nowhere"):
        pass
    assert recorded(recorder, lambda: None) == ()


def test_there_is_a_limit(recorder: SpanRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    from regrade.ingest import capture

    assert MOST_SPANS == 50_000
    monkeypatch.setattr(capture, "MOST_SPANS", 3)

    def work() -> None:
        for n in range(5):
            with regrade.span(str(n)):
                pass

    assert [span.name for span in recorded(recorder, work)] == ["0", "1", "2"]
    with recorder.recording() as recording:
        work()
        trace = recording.added_to(Trace(metadata={"k": 1}))
    assert trace.metadata == {"k": 1, DROPPED: 2}


def test_a_trace_with_steps_survives_being_stored(recorder: SpanRecorder) -> None:
    from regrade.domain import restored_trace, trace_content

    with recorder.recording() as recording:
        with regrade.span("a", kind="llm"):
            pass
    trace = recording.added_to(Trace(output="x", latency_s=1.0))
    assert restored_trace(trace_content(trace)) == trace


def test_a_builtin_is_decorated_too(recorder: SpanRecorder) -> None:
    measured = regrade.component("len")(dict)
    [span] = recorded(recorder, lambda: measured(a=1))
    assert span.input == {"a": 1, "args": []}

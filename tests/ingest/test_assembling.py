"""Live traces put together: the same whatever came in which order."""

import pytest
from hypothesis import given, strategies as st

from regrade.domain import NOT_CAPTURED
from regrade.ingest import (
    RawEvent,
    RawSpan,
    assembled,
    event_content,
    raw_content,
    restored_event,
    restored_raw,
    with_events,
)
from tests.fakes.spans import raw

RESOURCE = {"service.name": "shop", "service.version": "2", "deployment.environment": "prod"}
MESSAGES = '[{"role": "user", "parts": [{"type": "text", "content": "When?"}]}]'
ANSWER = '[{"role": "assistant", "parts": [{"type": "text", "content": "Now."}]}]'
SPANS = (
    raw(1, name="agent", input__value="When?", output__value="Now, I say.", session__id="s", openinference__span__kind="AGENT"),
    raw(2, 1, name="chat", gen_ai__operation__name="chat", gen_ai__request__model="gpt-5", user__id="u",
        gen_ai__input__messages=MESSAGES, gen_ai__output__messages=ANSWER, gen_ai__usage__input_tokens=3),
    raw(3, 1, name="search", gen_ai__operation__name="retrieval", gen_ai__retrieval__documents='[{"id": "d1"}]'),
)  # fmt: skip


def test_a_trace_is_what_its_root_was_asked_and_said() -> None:
    whole = assembled("t", SPANS, RESOURCE)
    assert (whole.case.input, whole.trace.output) == ("When?", "Now, I say.")
    assert whole.case.tags == {
        "service": "shop",
        "version": "2",
        "environment": "prod",
        "name": "agent",
    }
    assert (whole.user_id, whole.conversation_id, whole.model) == ("u", "s", "gpt-5")
    assert whole.trace.retrieved is not None
    assert [document.id for document in whole.trace.retrieved] == ["d1"]
    assert whole.trace.usage is not None
    assert whole.trace.usage.input_tokens == 3
    assert whole.trace.latency_s == pytest.approx(0.1)


def test_without_words_of_the_root_those_of_the_model_count() -> None:
    whole = assembled("t", [raw(1, name="http"), SPANS[1]])
    assert (whole.case.input, whole.trace.output) == ("When?", "Now.")
    bare = assembled("t", [raw(1, name="http")])
    assert (bare.case.input, bare.trace.output) == (None, NOT_CAPTURED)
    assert (bare.service, bare.model, bare.user_id) == ("", None, None)


def test_a_failed_root_is_an_error() -> None:
    event = RawEvent(name="exception", attributes={"exception.type": "E", "exception.message": "m"})
    failed = RawSpan(
        span_id="1" * 16, name="x", start_ns=5, end_ns=9, is_error=True, events=(event,)
    )
    whole = assembled("t", [failed])
    assert whole.trace.error is not None
    assert whole.trace.error.message == "E: m"


@given(st.permutations(SPANS), st.lists(st.sampled_from(SPANS), max_size=4))
def test_every_order_and_every_duplicate_give_the_same(
    order: list[RawSpan], twice: list[RawSpan]
) -> None:
    assert assembled("t", [*order, *twice], RESOURCE) == assembled("t", SPANS, RESOURCE)


def test_records_of_logs_are_seen_with_their_spans() -> None:
    said = RawEvent(
        name="gen_ai.choice", attributes={"message": {"role": "assistant", "content": "Hi."}}
    )
    [first, second] = with_events([raw(1), raw(2, 1)], {f"{2:016x}": [said]})
    assert (first.events, second.events) == ((), (said,))
    assert restored_event(event_content(said)) == said


def test_a_raw_span_comes_back_as_it_was() -> None:
    event = RawEvent(name="e", attributes={"a": [1]})
    span = RawSpan(
        span_id="a" * 16, parent_id="b" * 16, name="n", start_ns=1, end_ns=2, is_error=True, status="s",
        attributes={"x": {"y": None}}, events=(event,), is_truncated=True,
    )  # fmt: skip
    assert restored_raw(raw_content(span, RESOURCE)) == (span, RESOURCE)
    bare = RawSpan(span_id="a" * 16, name="", start_ns=0)
    assert restored_raw(raw_content(bare, {})) == (bare, {})

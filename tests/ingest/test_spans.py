"""Raw spans to spans and views: every way in which a trace can be broken."""

import time
from typing import Any

import pytest
from hypothesis import given, strategies as st

from regrade.domain import (
    Document,
    Message,
    Span,
    ToolCall,
    Trace,
    Usage,
    restored_span,
    span_content,
)
from regrade.ingest import RawEvent, RawSpan, seen_by, to_spans
from regrade.ingest.dialects import DIALECTS
from regrade.ingest.spans import depth_first


def raw(span_id: str = "1", **more: Any) -> RawSpan:
    return RawSpan(**{"span_id": span_id, "name": "n", "start_ns": 100, "end_ns": 200, **more})


def one(attributes: dict[str, Any] | None = None, **more: Any) -> Span:
    [span] = to_spans([raw(attributes=attributes or {}, **more)], 0)
    return span


# broken traces


def test_missing_parents_cycles_and_repetitions_still_make_a_tree() -> None:
    spans = to_spans(
        [
            raw("a", parent_id="nobody", start_ns=1),
            raw("b", parent_id="c", start_ns=2),
            raw("c", parent_id="b", start_ns=3),
            raw("d", parent_id="d", start_ns=4),
            raw("a", parent_id="nobody", start_ns=1, end_ns=None),
            raw("e", parent_id="a", start_ns=5),
        ],
        0,
    )
    assert [span.span_id for span in spans] == ["a", "b", "c", "d", "e"]
    parents = {span.span_id: span.parent_id for span in spans}
    assert parents["a"] is None
    assert parents["d"] is None
    assert parents["e"] == "a"
    assert None in (parents["b"], parents["c"])
    assert sorted(span.span_id for _, span in depth_first(spans)) == ["a", "b", "c", "d", "e"]
    assert spans[0].duration_s is not None


def test_times_may_be_odd() -> None:
    assert one(start_ns=200, end_ns=100).duration_s == 0
    assert one(end_ns=None).duration_s is None
    [early] = to_spans([raw(start_ns=1_000_000_000)], 3_000_000_000)
    assert early.start_s == -2


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefg"), st.sampled_from([None, *"abcdefgx"])), max_size=12
    )
)
def test_any_links_make_a_tree_that_holds_every_span_once(
    links: list[tuple[str, str | None]],
) -> None:
    spans = to_spans([raw(name, parent_id=parent) for name, parent in links], 0)
    assert sorted(s.span_id for _, s in depth_first(spans)) == sorted({name for name, _ in links})


@pytest.mark.no_cover
@pytest.mark.parametrize("number", [8_000, pytest.param(50_000, marks=pytest.mark.long)])
def test_many_spans_in_one_chain_are_read_in_seconds(number: int) -> None:
    began = time.process_time()
    call = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 2}
    chain = [raw(str(n), parent_id=str(n - 1), start_ns=n, attributes=call) for n in range(number)]
    spans = to_spans(chain, 0)
    assert len(depth_first(spans)) == number
    usage = seen_by(Trace(), spans).usage
    assert usage is not None
    assert usage.input_tokens == 2, "every call but the innermost holds another one"
    assert time.process_time() - began < 20


HOSTILE: list[dict[str, Any]] = [
    {"__proto__": "x", "__class__": "y", "constructor": {"a": 1}},
    {".".join(["a"] * 5000): 1, "llm.input_messages." * 200: 1},
    {
        "llm.input_messages.99999999999999999999.message.content": "x",
        "openinference.span.kind": "LLM",
    },
    {"gen_ai.operation.name": "chat", "gen_ai.input.messages": "[" * 100_000},
    {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": '"[\\"[1]\\"]"',
        "gen_ai.usage.input_tokens": "many",
    },
    {
        "openinference.span.kind": ["LLM"],
        "gen_ai.operation.name": {"a": 1},
        "traceloop.span.kind": 5,
    },
    {
        "regrade.kind": "retrieval",
        "regrade.output": "{not json",
        "regrade.documents": "[1, null, {}]",
    },
    {"big": "x" * 5_000_000},
    {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": float("nan"),
        "llm.cost.total": float("inf"),
    },
]


@pytest.mark.parametrize("attributes", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_attributes_are_kept_out_or_shortened_and_nothing_breaks(
    attributes: dict[str, Any],
) -> None:
    span = one(attributes)
    assert restored_span(span_content(span)) == span
    assert sum(len(str(value)) for value in span.attributes.values()) < 30_000


def test_attributes_that_may_hold_keys_are_left_out() -> None:
    kept = one(
        {
            "llm.headers": "Authorization: x",
            "api_key": "sk",
            "http.request.header.authorization": "y",
            "plain": 1,
        }
    )
    assert kept.attributes == {"plain": 1}


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.booleans()),
    )
)
def test_no_attributes_break_a_dialect(attributes: dict[str, Any]) -> None:
    for read in DIALECTS:
        read(raw(attributes=attributes))


def test_dropped_attributes_and_exceptions_are_told() -> None:
    assert one(is_truncated=True).is_truncated
    assert one({"regrade.truncated": True}).is_truncated
    event = RawEvent(
        name="exception", attributes={"exception.type": "ValueError", "exception.message": "no"}
    )
    assert one(is_error=True, events=(event,)).error == "ValueError: no"
    assert one({"error.type": "timeout"}, is_error=True).error == "timeout"


# views


def test_a_reranker_has_the_last_word_and_outer_usage_is_not_counted_twice() -> None:
    found = (Document(id="a"), Document(id="b"))
    spans = [
        Span(
            span_id="1", name="agent", kind="agent", usage=Usage(input_tokens=100, output_tokens=1)
        ),
        Span(
            span_id="2",
            parent_id="1",
            name="llm",
            kind="llm",
            usage=Usage(input_tokens=60, output_tokens=1, cost_usd=0.1),
        ),
        Span(
            span_id="3",
            parent_id="1",
            name="llm",
            kind="llm",
            usage=Usage(input_tokens=40, cost_usd=0.2),
        ),
        Span(span_id="4", name="find", kind="retrieval", retrieved=found),
        Span(span_id="5", name="sort", kind="reranker", retrieved=found[::-1]),
        Span(span_id="6", name="t", kind="tool", tool_call=ToolCall(name="t")),
    ]
    trace = seen_by(Trace(output="x"), spans)
    assert trace.retrieved == found[::-1]
    assert trace.tool_calls == (ToolCall(name="t"),)
    assert trace.usage is not None
    assert (trace.usage.input_tokens, trace.usage.output_tokens) == (100, 1)
    assert trace.usage.cost_usd == pytest.approx(0.3)
    assert [span.span_id for span in trace.llm_calls] == ["2", "3"]
    said = Trace(output="x", retrieved=(), tool_calls=(), usage=Usage())
    assert seen_by(said, spans).retrieved == ()
    assert seen_by(said, []) is said
    nothing = seen_by(Trace(output="x"), [Span(span_id="1", name="n")])
    assert (nothing.retrieved, nothing.tool_calls, nothing.usage) == (None, None, None)


def test_a_span_survives_being_stored() -> None:
    span = Span(
        span_id="1",
        parent_id="0",
        name="chat",
        kind="llm",
        start_s=0.5,
        duration_s=0.0,
        error="e",
        input=False,
        output=None,
        messages=(
            Message(
                role="assistant", content="", tool_calls=(ToolCall(name="f", arguments={"a": 1}),)
            ),
        ),
        model="m",
        retrieved=(),
        tool_call=ToolCall(name="t"),
        usage=Usage(input_tokens=1),
        attributes={"a": [1]},
        is_truncated=True,
    )
    assert restored_span(span_content(span)) == span

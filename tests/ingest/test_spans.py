"""Raw spans to spans and views: every dialect, and every way in which a trace can be broken."""

import time
from typing import Any

import pytest
from hypothesis import given, strategies as st
from openinference.semconv.trace import (
    DocumentAttributes,
    MessageAttributes,
    OpenInferenceSpanKindValues,
    SpanAttributes,
    ToolCallAttributes,
)

from regrade.domain import (
    NOT_CAPTURED,
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


# dialects


def test_openinference_by_its_own_names() -> None:
    messages, documents = SpanAttributes.LLM_INPUT_MESSAGES, SpanAttributes.RETRIEVAL_DOCUMENTS
    call = f"{SpanAttributes.LLM_OUTPUT_MESSAGES}.0.{MessageAttributes.MESSAGE_TOOL_CALLS}.0"
    llm = one(
        {
            SpanAttributes.OPENINFERENCE_SPAN_KIND: OpenInferenceSpanKindValues.LLM.value,
            SpanAttributes.LLM_MODEL_NAME: "m",
            f"{messages}.0.{MessageAttributes.MESSAGE_ROLE}": "system",
            f"{messages}.0.{MessageAttributes.MESSAGE_CONTENT}": "Be brief.",
            f"{messages}.10.{MessageAttributes.MESSAGE_ROLE}": "user",
            f"{messages}.10.{MessageAttributes.MESSAGE_CONTENT}": "Hi",
            f"{call}.{ToolCallAttributes.TOOL_CALL_FUNCTION_NAME}": "f",
            f"{call}.{ToolCallAttributes.TOOL_CALL_FUNCTION_ARGUMENTS_JSON}": '{"a": 1}',
            f"{SpanAttributes.LLM_OUTPUT_MESSAGES}.0.{MessageAttributes.MESSAGE_CONTENT}": "Hello",
            SpanAttributes.LLM_TOKEN_COUNT_PROMPT: 10,
            SpanAttributes.LLM_TOKEN_COUNT_COMPLETION: "5",
            SpanAttributes.LLM_COST_TOTAL: 0.25,
        }
    )
    assert (llm.kind, llm.model, llm.output) == ("llm", "m", "Hello")
    assert llm.messages == (
        Message(role="system", content="Be brief."),
        Message(role="user", content="Hi"),
    )
    assert llm.usage == Usage(input_tokens=10, output_tokens=5, cost_usd=0.25, priced_by="reported")
    found = one(
        {
            SpanAttributes.OPENINFERENCE_SPAN_KIND: "RETRIEVER",
            SpanAttributes.INPUT_VALUE: "q",
            f"{documents}.1.{DocumentAttributes.DOCUMENT_ID}": "b",
            f"{documents}.0.{DocumentAttributes.DOCUMENT_ID}": "a",
            f"{documents}.0.{DocumentAttributes.DOCUMENT_CONTENT}": "A",
            f"{documents}.0.{DocumentAttributes.DOCUMENT_SCORE}": 0.5,
            f"{documents}.0.{DocumentAttributes.DOCUMENT_METADATA}": '{"url": "u"}',
        }
    )
    assert found.retrieved == (
        Document(id="a", text="A", score=0.5, metadata={"url": "u"}),
        Document(id="b"),
    )
    tool = one(
        {
            SpanAttributes.OPENINFERENCE_SPAN_KIND: "TOOL",
            SpanAttributes.TOOL_NAME: "f",
            SpanAttributes.INPUT_VALUE: '{"a": 1}',
            SpanAttributes.INPUT_MIME_TYPE: "application/json",
            SpanAttributes.OUTPUT_VALUE: "done",
        }
    )
    assert tool.tool_call == ToolCall(name="f", arguments={"a": 1}, result="done")


PARTS = (
    '[{"role": "user", "parts": [{"type": "text", "content": "Hi"}]},'
    ' {"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"},'
    ' {"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}]}, "broken", 5]'
)


def test_gen_ai_messages_come_as_text_or_as_values_and_a_broken_one_takes_no_other_with_it() -> (
    None
):
    import json

    for messages in (PARTS, json.loads(PARTS)):
        span = one(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "asked",
                "gen_ai.response.model": "served",
                "gen_ai.system_instructions": '[{"type": "text", "content": "Be brief."}]',
                "gen_ai.input.messages": messages,
                "gen_ai.output.messages": '[{"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]}]',
                "gen_ai.usage.input_tokens": 7,
                "gen_ai.usage.cache_read.input_tokens": 3,
            }
        )
        assert [m.content for m in span.messages] == ["Be brief.", "Hi", ""]
        assert span.messages[2].tool_calls == (ToolCall(name="f", arguments={"a": 1}),)
        assert (span.kind, span.model, span.output) == ("llm", "served", "Yes.")
        assert span.usage == Usage(input_tokens=7, cached_tokens=3)


def test_gen_ai_tools_retrieval_agents_and_older_events() -> None:
    tool = one(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "f",
            "gen_ai.tool.call.arguments": '{"a": 1}',
        },
        is_error=True,
        status="boom",
    )
    assert tool.tool_call == ToolCall(name="f", arguments={"a": 1}, error="boom")
    found = one(
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.documents": '[{"id": "a", "score": 0.9}]',
        }
    )
    assert found.retrieved == (Document(id="a", score=0.9),)
    assert one({"gen_ai.operation.name": "invoke_agent"}).kind == "agent"
    events = (
        RawEvent(name="gen_ai.system.message", attributes={"content": "S"}),
        RawEvent(name="gen_ai.user.message", attributes={"content": "U"}),
        RawEvent(
            name="gen_ai.choice", attributes={"message": '{"role": "assistant", "content": "A"}'}
        ),
    )
    old = one({"gen_ai.request.model": "m"}, events=events)
    assert [m.role for m in old.messages] == ["system", "user"]
    assert old.output == "A"
    details = RawEvent(
        name="gen_ai.client.inference.operation.details",
        attributes={
            "gen_ai.input.messages": [{"role": "user", "parts": []}],
            "gen_ai.output.messages": PARTS,
        },
    )
    assert one({"gen_ai.request.model": "m"}, events=(details,)).output == "Hi\n"
    oldest = (
        RawEvent(
            name="gen_ai.content.prompt",
            attributes={"gen_ai.prompt": '[{"role": "user", "content": "P"}]'},
        ),
        RawEvent(
            name="gen_ai.content.completion", attributes={"gen_ai.completion": '[{"content": "C"}]'}
        ),
    )
    assert one({"gen_ai.request.model": "m"}, events=oldest).output == "C"


def test_openllmetry() -> None:
    task = one(
        {
            "traceloop.span.kind": "task",
            "traceloop.entity.input": '{"inputs": {"q": 1}, "tags": []}',
        }
    )
    assert (task.kind, task.input) == ("chain", {"q": 1})
    llm = one(
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": '[{"type": "text", "text": "Hi"}]',
            "gen_ai.completion.0.content": "Yes.",
            "gen_ai.completion.0.tool_calls.0.name": "f",
            "gen_ai.usage.prompt_tokens": 3,
        }
    )
    assert (llm.kind, llm.output, llm.messages[0].content) == ("llm", "Yes.", "Hi")
    assert llm.usage == Usage(input_tokens=3)
    event = RawEvent(
        name="db.query.result",
        attributes={"db.query.result.id": "a", "db.query.result.document": "A"},
    )
    assert one({"db.vector.query.top_k": 3}, events=(event,)).retrieved == (
        Document(id="a", text="A"),
    )
    tool = one(
        {
            "traceloop.span.kind": "tool",
            "traceloop.entity.name": "f",
            "traceloop.entity.output": '{"outputs": 5}',
        }
    )
    assert tool.tool_call == ToolCall(name="f", result=5)


def test_the_ai_sdk_counts_its_inner_calls_alone() -> None:
    usage = {"ai.usage.inputTokens": 5, "ai.usage.outputTokens": 2}
    outer = one({"operation.name": "ai.generateText fn", "ai.response.text": "A", **usage})
    inner = one(
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.prompt.messages": '[{"role": "user", "content": "U"}]',
            **usage,
        }
    )
    assert (outer.kind, outer.usage, outer.output) == ("chain", None, "A")
    assert (inner.kind, inner.usage, inner.messages[0].content) == (
        "llm",
        Usage(input_tokens=5, output_tokens=2),
        "U",
    )
    tool = one(
        {"operation.name": "ai.toolCall", "ai.toolCall.name": "f", "ai.toolCall.args": '{"a": 1}'}
    )
    assert tool.tool_call == ToolCall(name="f", arguments={"a": 1})
    assert one({"ai.operationId": "ai.embed.doEmbed"}).kind == "embedding"


def test_what_nobody_recorded_is_not_an_empty_answer() -> None:
    for attributes in ({"gen_ai.request.model": "m"}, {"openinference.span.kind": "LLM"}, {}):
        span = one(attributes)
        assert span.input is NOT_CAPTURED
        assert span.output is NOT_CAPTURED
    assert one({"gen_ai.operation.name": "retrieval"}).retrieved is None
    assert one({"openinference.span.kind": "RETRIEVER"}).retrieved is None


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


def test_fifty_thousand_spans_in_one_chain_are_read_in_seconds() -> None:
    began = time.process_time()
    spans = to_spans([raw(str(n), parent_id=str(n - 1), start_ns=n) for n in range(50_000)], 0)
    assert len(depth_first(spans)) == 50_000
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

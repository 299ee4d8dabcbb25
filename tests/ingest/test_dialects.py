"""Every dialect, by its own names."""

from typing import Any

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
    Usage,
)
from regrade.ingest import RawEvent, RawSpan, to_spans


def raw(span_id: str = "1", **more: Any) -> RawSpan:
    return RawSpan(**{"span_id": span_id, "name": "n", "start_ns": 100, "end_ns": 200, **more})


def one(attributes: dict[str, Any] | None = None, **more: Any) -> Span:
    [span] = to_spans([raw(attributes=attributes or {}, **more)], 0)
    return span


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
    assert one({"gen_ai.request.model": "m"}, events=(details,)).output == "Hi"
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

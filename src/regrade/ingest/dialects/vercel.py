"""The AI SDK of Vercel: `ai.*`. Tokens count on the inner calls alone; the wrappers repeat them."""

from collections.abc import Mapping

from regrade.domain import NOT_CAPTURED, Json, Message, SpanKind, ToolCall, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import call_of, first, messages_of, tools_of, unpacked, whole

from .partial import NOTHING, Partial
from .values import called, spoken


def read(span: RawSpan) -> Partial:
    """Read the attributes of `ai.*`."""
    attributes = span.attributes
    operation = str(first(attributes, "ai.operationId", "operation.name") or "").split(" ")[0]
    kind = _kind(operation)
    if kind is None:
        return NOTHING
    model = first(attributes, "ai.response.model", "ai.model.id")
    text = first(
        attributes, "ai.response.text", "ai.response.object", "ai.result.text", "ai.result.object"
    )
    prompt = unpacked(first(attributes, "ai.prompt.messages", "ai.prompt"))
    messages = messages_of(prompt.get("messages") if isinstance(prompt, Mapping) else prompt)
    return Partial(
        kind=kind,
        input=NOT_CAPTURED if prompt is None else prompt,
        output=_output(attributes, text, is_object="bject" in operation),
        messages=messages or None,
        tools=tools_of(attributes.get("ai.prompt.tools")),
        model=model if isinstance(model, str) else None,
        usage=_usage(attributes) if kind == "llm" else None,
        tool_call=_called(span) if kind == "tool" else None,
    )


def _kind(operation: str) -> SpanKind | None:
    if not operation.startswith("ai."):
        return None
    if operation == "ai.toolCall":
        return "tool"
    if operation.startswith("ai.embed"):
        return "embedding"
    return "llm" if operation.endswith((".doGenerate", ".doStream")) else "chain"


def _output(attributes: Mapping[str, Json], text: Json, *, is_object: bool) -> Json:
    """Give the text or object that came back, or the calls of tools where there is neither."""
    if text is not None:
        return unpacked(text) if is_object else text
    given = unpacked(first(attributes, "ai.response.toolCalls", "ai.result.toolCalls"))
    calls = (
        [call_of(each) for each in given if isinstance(each, Mapping)]
        if isinstance(given, list)
        else []
    )
    found = tuple(call for call in calls if call is not None)
    return (
        spoken((Message(role="assistant", content="", tool_calls=found),))
        if found
        else NOT_CAPTURED
    )


def _called(span: RawSpan) -> ToolCall:
    values = [
        NOT_CAPTURED if (value := span.attributes.get(name)) is None else unpacked(value)
        for name in ("ai.toolCall.args", "ai.toolCall.result")
    ]
    return called(span, span.attributes.get("ai.toolCall.name"), *values)


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    usage = Usage(
        input_tokens=whole(first(attributes, "ai.usage.inputTokens", "ai.usage.promptTokens")),
        output_tokens=whole(
            first(attributes, "ai.usage.outputTokens", "ai.usage.completionTokens")
        ),
        cached_tokens=whole(attributes.get("ai.usage.cachedInputTokens")),
    )
    return None if usage == Usage() else usage

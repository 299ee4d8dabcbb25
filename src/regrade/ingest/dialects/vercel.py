"""The AI SDK of Vercel: `ai.*`. Tokens count on the inner calls alone; the wrappers repeat them."""

from collections.abc import Mapping

from regrade.domain import NOT_CAPTURED, Json, SpanKind, ToolCall, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import first, messages_of, tools_of, unpacked, whole

from .partial import NOTHING, Partial


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
        output=NOT_CAPTURED if text is None else unpacked(text) if "bject" in operation else text,
        messages=messages or None,
        tools=tools_of(attributes.get("ai.prompt.tools")),
        model=model if isinstance(model, str) else None,
        usage=_usage(attributes) if kind == "llm" else None,
        tool_call=_tool(span) if kind == "tool" else None,
    )


def _kind(operation: str) -> SpanKind | None:
    if not operation.startswith("ai."):
        return None
    if operation == "ai.toolCall":
        return "tool"
    if operation.startswith("ai.embed"):
        return "embedding"
    return "llm" if operation.endswith((".doGenerate", ".doStream")) else "chain"


def _tool(span: RawSpan) -> ToolCall:
    attributes = span.attributes
    return ToolCall(
        name=str(attributes.get("ai.toolCall.name", span.name)),
        arguments=unpacked(attributes.get("ai.toolCall.args")),
        result=unpacked(attributes.get("ai.toolCall.result")),
        error=(span.status or "error") if span.is_error else None,
    )


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    usage = Usage(
        input_tokens=whole(first(attributes, "ai.usage.inputTokens", "ai.usage.promptTokens")),
        output_tokens=whole(
            first(attributes, "ai.usage.outputTokens", "ai.usage.completionTokens")
        ),
        cached_tokens=whole(attributes.get("ai.usage.cachedInputTokens")),
    )
    return None if usage == Usage() else usage

"""The conventions of OpenTelemetry for generative AI: attributes, messages in parts, and the older
events.

Reference: open-telemetry/semantic-conventions-genai, opentelemetry-util-genai 1.3b0.
"""

from collections.abc import Iterator, Mapping

from regrade.domain import NOT_CAPTURED, Json, Message, SpanKind, ToolCall, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import (
    documents_of,
    first,
    message_of,
    messages_of,
    tools_of,
    unpacked,
    whole,
)

from .partial import NOTHING, Partial
from .values import called, spoken

_KINDS: Mapping[str, SpanKind] = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "embeddings": "embedding",
    "retrieval": "retrieval",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "plan": "agent",
    "invoke_workflow": "chain",
    "fetch_response": "llm",
    "search_memory": "retrieval",
}
_EVENT_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


def read(span: RawSpan) -> Partial:
    """Read the attributes of gen_ai."""
    attributes = span.attributes
    operation = attributes.get("gen_ai.operation.name")
    has_model = first(attributes, "gen_ai.request.model", "gen_ai.response.model") is not None
    kind = _KINDS.get(str(operation)) or _kind_of_mcp(attributes) or ("llm" if has_model else None)
    if kind is None:
        return NOTHING
    messages = (*_instructions(attributes), *messages_of(attributes.get("gen_ai.input.messages")))
    said = messages_of(attributes.get("gen_ai.output.messages")) or tuple(_choices(span))
    messages = messages or tuple(_from_events(span))
    given, gave = spoken(messages), spoken(said)
    call = None
    if kind == "tool":
        call, given, gave = _tool(span)
    if kind == "retrieval":
        query = first(attributes, "gen_ai.retrieval.query.text", "gen_ai.memory.query.text")
        given = NOT_CAPTURED if query is None else query
    model = first(attributes, "gen_ai.response.model", "gen_ai.request.model")
    return Partial(
        kind=kind,
        input=given,
        output=gave,
        messages=messages or None,
        tools=tools_of(attributes.get("gen_ai.tool.definitions")),
        model=model if isinstance(model, str) else None,
        retrieved=documents_of(
            first(attributes, "gen_ai.retrieval.documents", "gen_ai.memory.records")
        ),
        tool_call=call,
        usage=_usage(attributes),
    )


def _instructions(attributes: Mapping[str, Json]) -> tuple[Message, ...]:
    """The system's instructions are a list of parts, without a role."""
    parts = unpacked(attributes.get("gen_ai.system_instructions"))
    if parts is None:
        return ()
    found = message_of({"role": "system", "parts": parts})
    return (found,) if found is not None and found.content else ()


def _from_events(span: RawSpan) -> Iterator[Message]:
    for event in span.events:
        if event.name == "gen_ai.client.inference.operation.details":
            yield from messages_of(event.attributes.get("gen_ai.input.messages"))
        elif event.name in _EVENT_ROLES:
            content = {"role": _EVENT_ROLES[event.name], **event.attributes}
            content["tool_calls"] = unpacked(content.get("tool_calls"))
            if (found := message_of(content)) is not None:
                yield found
        elif event.name == "gen_ai.content.prompt":
            yield from messages_of(event.attributes.get("gen_ai.prompt"))


def _choices(span: RawSpan) -> Iterator[Message]:
    for event in span.events:
        if event.name == "gen_ai.client.inference.operation.details":
            yield from messages_of(event.attributes.get("gen_ai.output.messages"))
        elif event.name == "gen_ai.choice":
            inner = unpacked(event.attributes.get("message"))
            found = message_of(
                inner if isinstance(inner, Mapping) else {"role": "assistant", **event.attributes}
            )
            if found is not None:
                yield found
        elif event.name == "gen_ai.content.completion":
            yield from messages_of(event.attributes.get("gen_ai.completion"))


def _kind_of_mcp(attributes: Mapping[str, Json]) -> SpanKind | None:
    """A span of the Model Context Protocol that calls a tool."""
    return "tool" if attributes.get("mcp.method.name") == "tools/call" else None


def _tool(span: RawSpan) -> tuple[ToolCall, Json, Json]:
    attributes = span.attributes
    given = first(attributes, "gen_ai.tool.call.arguments", "mcp.request.argument")
    gave = first(attributes, "gen_ai.tool.call.result", "mcp.response.value")
    values = [NOT_CAPTURED if each is None else unpacked(each) for each in (given, gave)]
    name = attributes.get("gen_ai.tool.name") or span.name.removeprefix("execute_tool ")
    return called(span, name, *values), values[0], values[1]


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    """Read tokens: the input's include cached ones, the output's include reasoning."""
    if not any(name.startswith("gen_ai.usage.") for name in attributes):
        return None
    usage = Usage(
        input_tokens=whole(
            first(attributes, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
        ),
        output_tokens=whole(
            first(attributes, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
        ),
        cached_tokens=whole(
            first(
                attributes,
                "gen_ai.usage.cache_read.input_tokens",
                "gen_ai.usage.cache_read_input_tokens",
            )
        ),
    )
    return None if usage == Usage() else usage

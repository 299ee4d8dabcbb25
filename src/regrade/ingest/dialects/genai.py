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
    kind = _KINDS.get(str(operation)) or ("llm" if has_model else None)
    if kind is None:
        return NOTHING
    messages = (*_instructions(attributes), *messages_of(attributes.get("gen_ai.input.messages")))
    said = messages_of(attributes.get("gen_ai.output.messages")) or tuple(_choices(span))
    messages = messages or tuple(_from_events(span))
    given: Json = "\n".join(m.content for m in messages) if messages else NOT_CAPTURED
    gave: Json = "\n".join(m.content for m in said) if said else NOT_CAPTURED
    call = None
    if kind == "tool":
        call, given, gave = _tool(span)
    if kind == "retrieval":
        query = attributes.get("gen_ai.retrieval.query.text")
        given = NOT_CAPTURED if query is None else query
    model = first(attributes, "gen_ai.response.model", "gen_ai.request.model")
    return Partial(
        kind=kind,
        input=given,
        output=gave,
        messages=messages or None,
        tools=tools_of(attributes.get("gen_ai.tool.definitions")),
        model=model if isinstance(model, str) else None,
        retrieved=documents_of(attributes.get("gen_ai.retrieval.documents")),
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


def _tool(span: RawSpan) -> tuple[ToolCall, Json, Json]:
    arguments = unpacked(span.attributes.get("gen_ai.tool.call.arguments"))
    result = unpacked(span.attributes.get("gen_ai.tool.call.result"))
    name = span.attributes.get("gen_ai.tool.name")
    call = ToolCall(
        name=name if isinstance(name, str) else span.name.removeprefix("execute_tool "),
        arguments=arguments,
        result=result,
        error=(span.status or "error") if span.is_error else None,
    )
    given, gave = (NOT_CAPTURED if each is None else each for each in (arguments, result))
    return call, given, gave


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    """Read tokens: the input's include cached ones, the output's include reasoning."""
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

"""What the values of a step say, where a dialect gives its input and output whole: messages,
documents, the call of a tool.
"""

from collections.abc import Mapping, Sequence

from regrade.domain import NOT_CAPTURED, Json, Message, SpanKind, ToolCall, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import documents_of, messages_of

from .partial import Partial


def partial_of(
    span: RawSpan,
    kind: SpanKind,
    given: Json,
    gave: Json,
    *,
    name: Json = None,
    model: Json = None,
    usage: Usage | None = None,
) -> Partial:
    """Read a step by its kind, its input and its output."""
    messages: tuple[Message, ...] = ()
    if kind == "llm":
        messages = conversation(given)
        if replies := conversation(gave):
            gave = spoken(replies)
    return Partial(
        kind=kind,
        input=spoken(messages) if messages else given,
        output=gave,
        messages=messages or None,
        model=model if isinstance(model, str) else None,
        retrieved=documents_of(gave) if kind in ("retrieval", "reranker") else None,
        tool_call=called(span, name, given, gave) if kind == "tool" else None,
        usage=usage,
    )


def called(span: RawSpan, name: Json, given: Json, gave: Json) -> ToolCall:
    """Give the call of a tool that a step is."""
    return ToolCall(
        name=name if isinstance(name, str) else span.name,
        arguments=None if given is NOT_CAPTURED else given,
        result=None if gave is NOT_CAPTURED else gave,
        error=(span.status or "error") if span.is_error else None,
    )


def conversation(value: Json) -> tuple[Message, ...]:
    """Read messages out of what a model was given or gave: a list of them, one, `messages`, or the
    `choices` of a reply; nothing where it is none of these.
    """
    if value is NOT_CAPTURED:
        return ()
    if isinstance(value, Mapping):
        if isinstance(choices := value.get("choices"), list):
            value = [each.get("message") for each in choices if isinstance(each, Mapping)]
        elif "messages" in value:
            value = value["messages"]
        elif "role" not in value:
            return ()
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(each, Mapping) and "role" in each for each in items):
        return ()
    return messages_of(items)


def spoken(messages: Sequence[Message]) -> Json:
    """Give what messages say: their text, or the calls of tools where there is no text;
    NOT_CAPTURED without a message.
    """
    if not messages:
        return NOT_CAPTURED
    texts = [message.content for message in messages if message.content]
    calls = [call for message in messages for call in message.tool_calls]
    if calls and not texts:
        return {"tool_calls": [{"name": c.name, "arguments": c.arguments} for c in calls]}
    return "\n".join(texts)

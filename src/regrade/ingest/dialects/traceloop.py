"""OpenLLMetry: entities of Traceloop, and chat flattened into names.

Reference: opentelemetry-semantic-conventions-ai 0.5.1.
"""

from collections.abc import Mapping
from dataclasses import replace

from regrade.domain import NOT_CAPTURED, Document, Json, Message, SpanKind, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import (
    call_of,
    document_of,
    first,
    items_under,
    message_of,
    tools_of,
    unpacked,
    whole,
)

from .partial import NOTHING, Partial
from .values import called, spoken

_KINDS: Mapping[str, SpanKind] = {
    "workflow": "chain",
    "task": "chain",
    "agent": "agent",
    "tool": "tool",
    "unknown": "span",
}
_REQUESTS: Mapping[str, SpanKind] = {
    "completion": "llm",
    "chat": "llm",
    "rerank": "reranker",
    "embedding": "embedding",
}


def read(span: RawSpan) -> Partial:
    """Read the attributes of OpenLLMetry."""
    attributes = span.attributes
    kind = (
        _KINDS.get(str(attributes.get("traceloop.span.kind")))
        or _REQUESTS.get(str(attributes.get("llm.request.type")))
        or ("retrieval" if "db.vector.query.top_k" in attributes else None)
    )
    if kind is None:
        return NOTHING
    given = _entity(attributes, "input", "inputs")
    gave = _entity(attributes, "output", "outputs")
    said = _messages(attributes, "gen_ai.completion")
    if gave is NOT_CAPTURED:
        gave = spoken(said)
    model = first(attributes, "gen_ai.response.model", "gen_ai.request.model")
    return Partial(
        kind=kind,
        input=given,
        output=gave,
        messages=_messages(attributes, "gen_ai.prompt") or None,
        tools=tools_of([*items_under(attributes, "llm.request.functions")]) or None,
        model=model if isinstance(model, str) else None,
        retrieved=_documents(span),
        tool_call=called(span, attributes.get("traceloop.entity.name"), given, gave)
        if kind == "tool"
        else None,
        usage=_usage(attributes),
    )


def _entity(attributes: Mapping[str, Json], which: str, inside: str) -> Json:
    """Take an entity's value out of the wrapping that the SDK gives it."""
    value = attributes.get(f"traceloop.entity.{which}")
    if value is None:
        return NOT_CAPTURED
    found = unpacked(value)
    if isinstance(found, dict) and inside in found:
        return found[inside]
    if isinstance(found, dict) and {*found} == {"args", "kwargs"}:  # of a decorated function
        named = found["kwargs"] if isinstance(found["kwargs"], dict) else {}
        return {**named, **({"args": found["args"]} if found["args"] else {})}
    return found


def _messages(attributes: Mapping[str, Json], prefix: str) -> tuple[Message, ...]:
    found = []
    for item in items_under(attributes, prefix):
        calls = [call_of(each) for each in items_under(item, "tool_calls")]
        message = message_of(
            {
                "role": item.get("role")
                or ("assistant" if prefix.endswith("completion") else "user"),
                "content": unpacked(item.get("content") or ""),
                "tool_call_id": item.get("tool_call_id"),
            }
        )
        if message is not None:
            kept = tuple(call for call in calls if call is not None)
            found.append(replace(message, tool_calls=kept))
    return tuple(found)


def _documents(span: RawSpan) -> tuple[Document, ...] | None:
    """Documents of vector databases come as events."""
    found = []
    for event in span.events:
        if event.name in ("db.query.result", "db.search.result"):
            plain = {name.rpartition(".")[2]: value for name, value in event.attributes.items()}
            text = plain.pop("document", None)
            document = document_of({**plain, **({} if text is None else {"text": text})})
            if document is not None:
                found.append(document)
    return tuple(found) or None


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    usage = Usage(
        input_tokens=whole(
            first(attributes, "gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens")
        ),
        output_tokens=whole(
            first(attributes, "gen_ai.usage.completion_tokens", "gen_ai.usage.output_tokens")
        ),
        cached_tokens=whole(attributes.get("gen_ai.usage.cache_read_input_tokens")),
    )
    return None if usage == Usage() else usage

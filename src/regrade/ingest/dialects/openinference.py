"""OpenInference, whose lists are flattened into names.

Reference: openinference-semantic-conventions 0.1.42.
"""

from collections.abc import Mapping

from regrade.domain import NOT_CAPTURED, Document, Json, Message, SpanKind, ToolCall, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import (
    amount,
    call_of,
    document_of,
    first,
    items_under,
    role_of,
    tools_of,
    unpacked,
    whole,
)

from .partial import NOTHING, Partial
from .values import called, spoken

_KINDS: Mapping[str, SpanKind] = {
    "LLM": "llm",
    "EMBEDDING": "embedding",
    "CHAIN": "chain",
    "RETRIEVER": "retrieval",
    "RERANKER": "reranker",
    "TOOL": "tool",
    "AGENT": "agent",
    "GUARDRAIL": "guardrail",
    "EVALUATOR": "span",
    "PROMPT": "span",
    "DECISION": "llm",
    "UNKNOWN": "span",
}


def read(span: RawSpan) -> Partial:
    """Read the attributes of OpenInference."""
    attributes = span.attributes
    kind = _KINDS.get(str(attributes.get("openinference.span.kind", "")).upper())
    if kind is None:
        return NOTHING
    given, gave = _value(attributes, "input"), _value(attributes, "output")
    asked = _messages(attributes, "llm.input_messages")
    said = _messages(attributes, "llm.output_messages")
    if kind == "llm":  # `input.value` is the whole request, `output.value` the whole reply
        given = spoken(asked) if asked else given
        gave = spoken(said) if said else gave
    return Partial(
        kind=kind,
        input=given,
        output=gave,
        messages=asked or None,
        tools=tools_of(
            [each.get("tool.json_schema") for each in items_under(attributes, "llm.tools")]
        )
        or None,
        model=_text(
            first(attributes, "llm.response.model_name", "llm.model_name", "llm.request.model_name")
        ),
        retrieved=_documents(attributes, kind),
        tool_call=_called(span, given, gave) if kind == "tool" else None,
        usage=_usage(attributes),
    )


def _value(attributes: Mapping[str, Json], which: str) -> Json:
    value = attributes.get(f"{which}.value")
    if value is None:
        return NOT_CAPTURED
    is_json = attributes.get(f"{which}.mime_type") == "application/json"
    return unpacked(value) if is_json else value


def _messages(attributes: Mapping[str, Json], prefix: str) -> tuple[Message, ...]:
    found = []
    for item in items_under(attributes, prefix):
        parts = [part.get("message_content.text") for part in items_under(item, "message.contents")]
        texts = [item.get("message.content"), *parts]
        calls = [
            call_of(
                {
                    "name": each.get("tool_call.function.name"),
                    "arguments": each.get("tool_call.function.arguments"),
                }
            )
            for each in items_under(item, "message.tool_calls")
        ]
        identity = item.get("message.tool_call_id")
        found.append(
            Message(
                role=role_of(item.get("message.role")),
                content="\n".join(text for text in texts if isinstance(text, str)),
                tool_calls=tuple(call for call in calls if call is not None),
                tool_call_id=identity if isinstance(identity, str) else None,
            )
        )
    return tuple(found)


def _documents(attributes: Mapping[str, Json], kind: SpanKind) -> tuple[Document, ...] | None:
    prefix = {"retrieval": "retrieval.documents", "reranker": "reranker.output_documents"}.get(kind)
    if prefix is None:
        return None
    items = items_under(attributes, prefix)
    plain = (
        {name.removeprefix("document."): value for name, value in item.items()} for item in items
    )
    found = tuple(each for item in plain if (each := document_of(item)) is not None)
    return found or None


def _called(span: RawSpan, given: Json, gave: Json) -> ToolCall:
    values = [each if each is NOT_CAPTURED else unpacked(each) for each in (given, gave)]
    return called(span, span.attributes.get("tool.name"), *values)


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    cost = amount(attributes.get("llm.cost.total"))
    usage = Usage(
        input_tokens=whole(attributes.get("llm.token_count.prompt")),
        output_tokens=whole(attributes.get("llm.token_count.completion")),
        cached_tokens=whole(attributes.get("llm.token_count.prompt_details.cache_read")),
        cost_usd=cost,
        priced_by=None if cost is None else "reported",
    )
    return None if usage == Usage() else usage


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None

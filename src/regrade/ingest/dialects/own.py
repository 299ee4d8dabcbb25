"""Spans of `regrade.component` and `regrade.span`."""

from typing import cast

from regrade.domain import NOT_CAPTURED, SPAN_KINDS, Json, SpanKind, ToolCall, read_json
from regrade.domain.errors import NotJsonError
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import documents_of

from .partial import NOTHING, Partial

_KIND, _INPUT, _OUTPUT, _DOCUMENTS = (
    "regrade.kind",
    "regrade.input",
    "regrade.output",
    "regrade.documents",
)


def read(span: RawSpan) -> Partial:
    """Read our own attributes."""
    kind = span.attributes.get(_KIND)
    if kind not in SPAN_KINDS:
        return NOTHING
    given, gave = _parsed(span.attributes.get(_INPUT)), _parsed(span.attributes.get(_OUTPUT))
    retrieved = documents_of(span.attributes.get(_DOCUMENTS))
    if retrieved is None and kind in ("retrieval", "reranker"):
        retrieved = documents_of(span.attributes.get(_OUTPUT))
    call = None
    if kind == "tool":
        arguments = None if given is NOT_CAPTURED else given
        result = None if gave is NOT_CAPTURED else gave
        error = span.status or "error" if span.is_error else None
        call = ToolCall(name=span.name, arguments=arguments, result=result, error=error)
    return Partial(
        kind=cast("SpanKind", kind), input=given, output=gave, retrieved=retrieved, tool_call=call
    )


def _parsed(value: Json) -> Json:
    """Read the JSON that the attribute always holds."""
    if not isinstance(value, str):
        return NOT_CAPTURED
    try:
        return read_json(value)
    except NotJsonError:
        return value

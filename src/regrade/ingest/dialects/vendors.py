"""SDKs that speak OpenTelemetry in a few words of their own: what a step is, its input and its
output.

Read from langsmith 0.15.1, mlflow-tracing 3.17.2, lmnr 0.7.16, pydantic-ai 2.68.0; the words of
Google's ADK, Genkit and Braintrust are from their documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from regrade.domain import NOT_CAPTURED, Json, SpanKind
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import first, unpacked

from .partial import NOTHING, Partial
from .values import partial_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vendor:
    """The words of one SDK."""

    kind: str = ""
    """The attribute that says what a step is; empty where others say that."""
    kinds: Mapping[str, SpanKind] = field(default_factory=dict)
    """Its values, in lower case."""
    given: tuple[str, ...]
    """The attributes that may hold the input."""
    gave: tuple[str, ...]
    """The attributes that may hold the output."""
    wrapped: str = ""
    """The only key of an object around the output."""


_COMMON: Mapping[str, SpanKind] = {
    "llm": "llm",
    "chat_model": "llm",
    "model": "llm",
    "generation": "llm",
    "embedding": "embedding",
    "embedder": "embedding",
    "retriever": "retrieval",
    "reranker": "reranker",
    "tool": "tool",
    "agent": "agent",
    "chain": "chain",
    "workflow": "chain",
    "flow": "chain",
    "task": "chain",
    "parser": "parser",
    "guardrail": "guardrail",
    "executor": "span",
    "default": "span",
    "unknown": "span",
    "prompt": "span",
}
_VENDORS = (
    _Vendor(
        kind="langsmith.span.kind",
        kinds=_COMMON,
        given=("gen_ai.prompt",),
        gave=("gen_ai.completion",),
        wrapped="output",
    ),
    _Vendor(
        kind="mlflow.spanType",
        kinds=_COMMON,
        given=("mlflow.spanInputs",),
        gave=("mlflow.spanOutputs",),
    ),
    _Vendor(
        kind="lmnr.span.type",
        kinds=_COMMON,
        given=("lmnr.span.input",),
        gave=("lmnr.span.output",),
    ),
    _Vendor(
        kind="genkit:metadata:subtype",
        kinds=_COMMON,
        given=("genkit:input",),
        gave=("genkit:output",),
    ),
    _Vendor(given=("braintrust.input_json",), gave=("braintrust.output_json",)),
    _Vendor(
        given=("gcp.vertex.agent.llm_request", "gcp.vertex.agent.tool_call_args"),
        gave=("gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_response"),
    ),
    _Vendor(given=(), gave=("final_result",)),
)
_BY_SIGN = {
    sign: vendor
    for vendor in _VENDORS
    for sign in ((vendor.kind,) if vendor.kind else (*vendor.given, *vendor.gave))
}
"""The attribute that an SDK is known by."""


def read(span: RawSpan) -> Partial:
    """Read the attributes of the first SDK whose words are there."""
    attributes = span.attributes
    vendor = next((_BY_SIGN[name] for name in attributes if name in _BY_SIGN), None)
    return NOTHING if vendor is None else _read(span, vendor)


def _read(span: RawSpan, vendor: _Vendor) -> Partial:
    attributes = span.attributes
    given, gave = (_value(attributes, names) for names in (vendor.given, vendor.gave))
    if isinstance(gave, dict) and [*gave] == [vendor.wrapped]:
        gave = gave[vendor.wrapped]
    word = unpacked(attributes.get(vendor.kind))
    kind = vendor.kinds.get(str(word).strip('"').lower())
    if kind is None:  # others say what it is
        return Partial(input=given, output=gave)
    name = attributes.get("gen_ai.tool.name")
    return partial_of(span, kind, given, gave, name=name)


def _value(attributes: Mapping[str, Json], names: tuple[str, ...]) -> Json:
    value = first(attributes, *names)
    return NOT_CAPTURED if value is None else unpacked(value)

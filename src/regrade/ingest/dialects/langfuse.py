"""The SDK of Langfuse: `langfuse.observation.*`.

`langfuse.trace.public` is never honoured. Read from langfuse 5.0.4.
"""

from collections.abc import Mapping

from regrade.domain import NOT_CAPTURED, Json, SpanKind, Usage
from regrade.ingest.raw import RawSpan
from regrade.ingest.reading import amount, first, unpacked, whole

from .partial import NOTHING, Partial
from .values import partial_of

_KINDS: Mapping[str, SpanKind] = {
    "generation": "llm",
    "embedding": "embedding",
    "retriever": "retrieval",
    "tool": "tool",
    "agent": "agent",
    "chain": "chain",
    "guardrail": "guardrail",
    "span": "span",
    "event": "span",
    "evaluator": "span",
}
_AT = "langfuse.observation."


def read(span: RawSpan) -> Partial:
    """Read the attributes of Langfuse."""
    attributes = span.attributes
    kind = _KINDS.get(str(attributes.get(f"{_AT}type")))
    if kind is None:
        return NOTHING
    given, gave = (attributes.get(f"{_AT}{name}") for name in ("input", "output"))
    return partial_of(
        span,
        kind,
        NOT_CAPTURED if given is None else unpacked(given),
        NOT_CAPTURED if gave is None else unpacked(gave),
        model=attributes.get(f"{_AT}model.name"),
        usage=_usage(attributes),
    )


def _usage(attributes: Mapping[str, Json]) -> Usage | None:
    details = unpacked(attributes.get(f"{_AT}usage_details"))
    costs = unpacked(attributes.get(f"{_AT}cost_details"))
    tokens = details if isinstance(details, dict) else {}
    cost = amount(costs.get("total")) if isinstance(costs, dict) else None
    usage = Usage(
        input_tokens=whole(first(tokens, "input", "input_tokens", "prompt_tokens")),
        output_tokens=whole(first(tokens, "output", "output_tokens", "completion_tokens")),
        cached_tokens=whole(first(tokens, "cache_read_input_tokens", "input_cached_tokens")),
        cost_usd=cost,
        priced_by=None if cost is None else "reported",
    )
    return None if usage == Usage() else usage

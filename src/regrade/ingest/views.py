"""What the spans of an attempt say of it as a whole: documents, tool calls, usage."""

import math
from collections.abc import Sequence
from dataclasses import replace

from regrade.domain import Document, Span, ToolCall, Trace, Usage

DROPPED = "spans_not_kept"
"""Where a trace's metadata says how many of its spans were not kept."""


def seen_by(trace: Trace, spans: Sequence[Span]) -> Trace:
    """Add the spans to a trace, and fill in what the target itself did not say."""
    if not spans:
        return trace
    return replace(
        trace,
        spans=tuple(spans),
        retrieved=_retrieved(spans) if trace.retrieved is None else trace.retrieved,
        tool_calls=_tool_calls(spans) if trace.tool_calls is None else trace.tool_calls,
        usage=_usage(spans) if trace.usage is None else trace.usage,
    )


def _retrieved(spans: Sequence[Span]) -> tuple[Document, ...] | None:
    """Give what was handed on: the documents of the last reranker, else those of all retrievals,
    each document once at its first place.
    """
    reranked = [
        span.retrieved for span in spans if span.kind == "reranker" and span.retrieved is not None
    ]
    if reranked:
        return reranked[-1]
    found = [
        span.retrieved for span in spans if span.kind == "retrieval" and span.retrieved is not None
    ]
    if not found:
        return None
    every = [document for documents in found for document in documents]
    seen: set[str] = set()
    kept: list[Document] = []
    for each in every:
        key = each.id or each.text
        if key is None or key not in seen:
            kept.append(each)
        if key is not None:
            seen.add(key)
    return tuple(kept)


def _tool_calls(spans: Sequence[Span]) -> tuple[ToolCall, ...] | None:
    """Give the calls of tools in the order in which they began; None when no step tells of tools."""
    called = tuple(
        span.tool_call for span in spans if span.kind == "tool" and span.tool_call is not None
    )
    if called:
        return called
    return () if any(span.kind in ("llm", "agent", "tool") for span in spans) else None


def _usage(spans: Sequence[Span]) -> Usage | None:
    """Add up what the calls of models used; a call around another one is not counted again."""
    around = _around([span for span in spans if span.usage is not None], spans)
    inner = [span for span in spans if span.usage is not None and span.span_id not in around]
    if not inner:
        return None
    usages = [span.usage for span in inner if span.usage is not None]
    costs = [usage.cost_usd for usage in usages]
    has_costs = all(cost is not None for cost in costs)
    return Usage(
        input_tokens=_sum([usage.input_tokens for usage in usages]),
        output_tokens=_sum([usage.output_tokens for usage in usages]),
        cached_tokens=_sum([usage.cached_tokens for usage in usages]),
        cost_usd=math.fsum(cost for cost in costs if cost is not None) if has_costs else None,
        priced_by=usages[0].priced_by if has_costs else None,
    )


def _around(some: Sequence[Span], spans: Sequence[Span]) -> set[str]:
    """Give the spans that hold any of some others; each is walked through once."""
    parents = {span.span_id: span.parent_id for span in spans}
    found: set[str] = set()
    for span in some:
        current = span.parent_id
        while current is not None and current not in found:
            found.add(current)
            current = parents.get(current)
    return found


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None

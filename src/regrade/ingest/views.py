"""What the spans of an attempt say of it as a whole: documents, tool calls, usage."""

import math
from collections.abc import Sequence
from dataclasses import replace

from regrade.domain import Document, Span, ToolCall, Trace, Usage


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
    keys = [each.id or each.text for each in every]
    return tuple(
        each for at, each in enumerate(every) if keys[at] is None or keys.index(keys[at]) == at
    )


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
    with_usage = {span.span_id for span in spans if span.usage is not None}
    parents = {span.span_id: span.parent_id for span in spans}
    inner = [
        span
        for span in spans
        if span.usage is not None and not _holds_another(span, with_usage, parents)
    ]
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


def _holds_another(span: Span, with_usage: set[str], parents: dict[str, str | None]) -> bool:
    for other in with_usage:
        current = parents[other]
        while current is not None and other != span.span_id:
            if current == span.span_id:
                return True
            current = parents.get(current)
    return False


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None

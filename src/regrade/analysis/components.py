"""What each component took, by its spans."""

import math
from collections.abc import Sequence

from regrade.domain import Attempt, Component, ComponentOperations, Estimate, Span
from regrade.stats import wilson

from .rates import quantile_estimate


def component_operations(
    attempts: Sequence[Attempt], components: Sequence[Component]
) -> dict[str, ComponentOperations]:
    """Estimate the time, errors, tokens and cost of every component that left spans."""
    found: dict[str, ComponentOperations] = {}
    for component in components:
        spans = [span for attempt in attempts for span in component.spans_in(attempt.trace)]
        if spans:
            found[component.name] = _operations(spans)
    return found


def _operations(spans: Sequence[Span]) -> ComponentOperations:
    times = [span.duration_s for span in spans if span.duration_s is not None]
    usages = [span.usage for span in spans if span.usage is not None]
    costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
    tokens = [usage.tokens for usage in usages if usage.tokens is not None]
    broken, n = sum(span.error is not None for span in spans), len(spans)
    return ComponentOperations(
        spans=n,
        latency_p50=quantile_estimate(times, 0.5),
        latency_p95=quantile_estimate(times, 0.95),
        error_rate=Estimate(broken / n, *wilson(broken, n), n, method="wilson"),
        cost_usd=math.fsum(costs) if costs else None,
        tokens=sum(tokens) if tokens else None,
    )

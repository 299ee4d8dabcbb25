"""Latency and cost of two runs, case by case."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from statistics import fmean

from regrade.domain import Attempt, OperationsChange, Ratio
from regrade.stats import Interval
from regrade.stats.differences import log_ratio_ci, ratio_of_means_ci, ratio_of_quantiles_ci

FEWEST_FOR_P95 = 200
"""Pairs below which nothing is said of the 95th percentile."""
_NOTHING = Ratio(value=None, low=None, high=None, n=0)
Attempts = Mapping[str, Sequence[Attempt]]
"""Attempts by case."""


def operations_change(
    ids: Sequence[tuple[str, str]], attempts: tuple[Attempts, Attempts], seed: int
) -> OperationsChange:
    """Compare latency and cost over cases by their ids in both runs."""
    latencies = _paired(ids, attempts, _latency)
    costs = _paired(ids, attempts, _cost)
    return OperationsChange(
        latency=_geometric(latencies),
        latency_p95=_p95(latencies, seed),
        cost=_means(costs),
        interleaved=_interleaved(attempts),
    )


def _paired(
    ids: Sequence[tuple[str, str]],
    attempts: tuple[Attempts, Attempts],
    read: Callable[[Attempt], float | None],
) -> tuple[list[float], list[float]]:
    """Give each case's mean in both runs, where both have one."""
    before, after = [], []
    for old, new in ids:
        a = [value for each in attempts[0].get(old, ()) if (value := read(each)) is not None]
        b = [value for each in attempts[1].get(new, ()) if (value := read(each)) is not None]
        if a and b:
            before.append(fmean(a))
            after.append(fmean(b))
    return before, after


def _latency(attempt: Attempt) -> float | None:
    return attempt.trace.latency_s if attempt.trace.error is None else None


def _cost(attempt: Attempt) -> float | None:
    return None if attempt.trace.usage is None else attempt.trace.usage.cost_usd


def _geometric(values: tuple[list[float], list[float]]) -> Ratio:
    positive = [(a, b) for a, b in zip(*values, strict=True) if a > 0 and b > 0]
    if not positive:
        return _NOTHING
    a, b = [each for each, _ in positive], [each for _, each in positive]
    value, interval = log_ratio_ci(a, b)
    return _ratio(value, interval, (a, b), "log_ratio_ci")


def _p95(values: tuple[list[float], list[float]], seed: int) -> Ratio:
    a, b = values
    if len(a) < FEWEST_FOR_P95 or min(*a, *b) <= 0:
        return Ratio(value=None, low=None, high=None, n=len(a))
    value, interval = ratio_of_quantiles_ci(a, b, 0.95, seed=seed)
    return _ratio(value, interval, (a, b), "ratio_of_quantiles_ci")


def _means(values: tuple[list[float], list[float]]) -> Ratio:
    a, b = values
    if not a or sum(a) <= 0:
        return _NOTHING
    value, interval = ratio_of_means_ci(a, b)
    return _ratio(value, interval, (a, b), "ratio_of_means_ci")


def _ratio(
    value: float, interval: Interval, values: tuple[list[float], list[float]], method: str
) -> Ratio:
    return Ratio(
        value=value,
        low=interval.low,
        high=interval.high if math.isfinite(interval.high) else None,
        n=len(values[0]),
        baseline=fmean(values[0]),
        candidate=fmean(values[1]),
        method=method,
    )


def _interleaved(attempts: tuple[Attempts, Attempts]) -> bool:
    """Whether most attempts of each run began while the other one was under way."""
    spans = [_begun(each) for each in attempts]
    if not all(spans):
        return False
    for own, other in ((spans[0], spans[1]), (spans[1], spans[0])):
        first, last = min(other), max(other)
        if sum(first <= each <= last for each in own) * 2 < len(own):
            return False
    return True


def _begun(attempts: Attempts) -> list[datetime]:
    starts = (each.trace.started_at for some in attempts.values() for each in some)
    return [start for start in starts if start is not None]

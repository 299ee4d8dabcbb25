"""Rates with their intervals, whatever they are rates of."""

import math
from collections.abc import Sequence

from regrade.domain import Attempt, Estimate
from regrade.stats import quantile, quantile_ci, wilson


def rate_estimate(passes: Sequence[bool], clusters: Sequence[str] | None) -> Estimate:
    """Estimate a rate: Wilson's interval, on the effective sample size where observations are not
    independent.
    """
    n = len(passes)
    if n == 0:
        return Estimate(None, 0.0, 1.0, 0, method="wilson")
    value = sum(passes) / n
    if clusters is None or len(set(clusters)) == n:
        return Estimate(value, *wilson(sum(passes), n), n, method="wilson")
    from regrade.stats.clustered import bounded_mean_ci  # noqa: PLC0415  numpy and scipy, only for trials and clusters

    interval = bounded_mean_ci([float(each) for each in passes], clusters)
    return Estimate(value, *interval, n, len(set(clusters)), "bounded_mean_ci")


def clusters_of(attempts: Sequence[Attempt]) -> list[str]:
    """Group what is not independent: the cases of one cluster, and else the trials of one case."""
    return [attempt.case.cluster or f"\0{attempt.case.id}" for attempt in attempts]


def quantile_estimate(values: Sequence[float], q: float) -> Estimate:
    """Estimate a quantile with its interval; an end that the data cannot give is None."""
    if not values:
        return Estimate(None, None, None, 0, method="quantile_ci")
    low, high = quantile_ci(values, q)
    low_end, high_end = (end if math.isfinite(end) else None for end in (low, high))
    return Estimate(quantile(values, q), low_end, high_end, len(values), method="quantile_ci")

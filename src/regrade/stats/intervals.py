"""Intervals of one run for independent observations: pass rates and percentiles.

Pure Python, so that a small run pays for no array library. Clustered and repeated observations are
in `clustered.py`.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple


class Interval(NamedTuple):
    """Two ends of a confidence interval."""

    low: float
    """The lower end."""
    high: float
    """The upper end."""


@lru_cache(maxsize=64)
def normal_quantile(probability: float) -> float:
    """Give the standard normal quantile of a probability in (0, 1)."""
    return NormalDist().inv_cdf(probability)


def wilson(
    passes: float, n: float, alpha: float = 0.05, *, quantile: float | None = None
) -> Interval:
    """Estimate a pass rate by Wilson's score interval.

    Shapes: `passes` of `n` independent trials, 0 <= passes <= n; both may be effective (fractional)
    counts. `quantile` replaces the normal quantile, for small numbers of clusters.
    Edges: n = 0 gives [0, 1]; no pass or only passes close that end at exactly 0 or 1.
    Raises: ValueError when the counts are impossible.
    Source: Wilson 1927, JASA 22:209-212.
    """
    if n < 0 or not 0 <= passes <= n:
        raise ValueError(f"{passes!r} passes of {n!r} is impossible")
    if n == 0:
        return Interval(0.0, 1.0)
    z = normal_quantile(1 - alpha / 2) if quantile is None else quantile
    rate = passes / n
    shrink = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    low = 0.0 if passes == 0 else max(0.0, centre - half)
    high = 1.0 if passes == n else min(1.0, centre + half)
    return Interval(low, high)


def quantile_min_n(q: float, alpha: float = 0.05) -> int:
    """Say how many observations a two-sided interval of the q-quantile needs for a finite upper
    end.

    Source: order statistics; the largest observation exceeds the quantile with probability 1 - q^n.
    """
    return math.ceil(math.log(alpha / 2) / math.log(q))


def quantile(values: Sequence[float], q: float) -> float:
    """Give the q-quantile of at least one value, interpolated linearly between order statistics.

    Source: Hyndman and Fan 1996, definition 7.
    """
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def quantile_ci(values: Sequence[float], q: float, alpha: float = 0.05) -> Interval:
    """Estimate the q-quantile of independent values by order statistics, without assuming a
    distribution.

    Units: those of the values. An end that the data cannot give is -inf or inf (see
    `quantile_min_n`). Ranks: l = max{j: P(B <= j - 1) <= alpha/2}, u = min{j: P(B >= j) <=
    alpha/2}, B ~ Binomial(n, q).
    Source: David and Nagaraja, Order Statistics, 3rd edition, section 7.1.
    """
    ordered = sorted(values)
    n = len(ordered)
    first, cumulative = _binomial_cdf(n, q)
    lower = first + bisect_right(cumulative, alpha / 2)
    upper = first + bisect_left(cumulative, True, key=lambda below: 1 - below <= alpha / 2) + 1
    return Interval(
        -math.inf if lower < 1 else ordered[min(lower, n) - 1],
        math.inf if upper > n else ordered[upper - 1],
    )


def _binomial_cdf(n: int, q: float) -> tuple[int, list[float]]:
    """P(B <= j) for j = first … last: outside of 12 standard deviations it is 0 or 1."""
    spread = 12 * math.sqrt(n * q * (1 - q)) + 12
    first, last = max(0, math.floor(n * q - spread)), min(n, math.ceil(n * q + spread))
    log_q, log_p, log_n = math.log(q), math.log1p(-q), math.lgamma(n + 1)
    total, cumulative = 0.0, []
    for j in range(first, last + 1):
        log_pmf = log_n - math.lgamma(j + 1) - math.lgamma(n - j + 1) + j * log_q + (n - j) * log_p
        total += math.exp(log_pmf)
        cumulative.append(min(total, 1.0))
    return first, cumulative

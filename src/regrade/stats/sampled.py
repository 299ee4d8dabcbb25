"""Rates of all traffic, from a sample whose parts were drawn with known and unequal probabilities."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .intervals import Interval, wilson
from .sequential.confidence import beta_binomial_cs


@dataclass(frozen=True, slots=True)
class Weighted:
    """A rate, weighted back to everything that it was drawn from."""

    value: float
    """The estimate."""
    interval: Interval
    """Its interval."""
    n: int
    """Observations."""


def hajek(values: Sequence[float], probabilities: Sequence[float]) -> float:
    """Give the mean of everything, from observations drawn with these probabilities.

    Shapes: values[i] was drawn with probabilities[i], 0 < p <= 1.
    Raises: ValueError without an observation, or for impossible probabilities.
    Source: Hájek 1971, in Foundations of Statistical Inference.
    """
    if not values or len(values) != len(probabilities):
        raise ValueError(f"{len(values)} values and {len(probabilities)} probabilities")
    if any(not 0 < p <= 1 for p in probabilities):
        raise ValueError("a probability of being drawn lies above 0 and is at most 1")
    weights = [1 / p for p in probabilities]
    return math.fsum(w * x for w, x in zip(weights, values, strict=True)) / math.fsum(weights)


def weighted_rate(
    passes: Sequence[bool],
    probabilities: Sequence[float],
    alpha: float = 0.05,
    *,
    at_every_look: bool = False,
) -> Weighted:
    """Estimate the pass rate of everything with an interval; `at_every_look` gives one that may be looked at while
    observations come in (exact for equal probabilities, else by the effective number).

    Shapes and errors as `hajek`; nothing drawn gives [0, 1].
    Edges: all alike, the effective number is Kish's, (sum w)² / sum w².
    Source: Hájek 1971 with its linearised variance of Poisson sampling, w²(x - m)² summed; Wilson 1927 on
    the effective number of observations.
    """
    if not passes:
        return Weighted(0.5, Interval(0.0, 1.0), 0)
    values = [float(each) for each in passes]
    mean = hajek(values, probabilities)
    weights = [1 / p for p in probabilities]
    total = math.fsum(weights)
    kish = total**2 / math.fsum(w**2 for w in weights)
    variance = (
        math.fsum((w * (x - mean)) ** 2 for w, x in zip(weights, values, strict=True)) / total**2
    )
    size = min(mean * (1 - mean) / variance, float(len(values))) if variance else kish
    if at_every_look:
        n = max(1, round(size))
        interval = beta_binomial_cs(min(n, round(mean * n)), n, alpha)
    else:
        interval = wilson(mean * size, size, alpha)
    return Weighted(mean, interval, len(values))


def stratified_rate(strata: Sequence[tuple[float, int, int]], alpha: float = 0.05) -> Interval:
    """Estimate the pass rate of everything, from samples of its strata.

    Shapes: each stratum has its size, and the passes and the number of its observations.
    Edges: a stratum without observations may pass at any rate, and widens the interval by its share.
    Raises: ValueError for impossible counts.
    Source: stratified mean; the variance of each stratum from (s + 1/2) / (n + 1); Wilson 1927 on the
    effective number.
    """
    total = math.fsum(size for size, _, _ in strata)
    if total <= 0 or any(size < 0 or not 0 <= s <= n for size, s, n in strata):
        raise ValueError(f"{list(strata)} are no sizes, passes and numbers of strata")
    seen = [(size / total, s, n) for size, s, n in strata if n]
    share = math.fsum(weight for weight, _, _ in seen)
    if not seen:
        return Interval(0.0, 1.0)
    mean = math.fsum(w * s / n for w, s, n in seen) / share
    variance = math.fsum(
        (w / share) ** 2 * ((s + 0.5) / (n + 1)) * (1 - (s + 0.5) / (n + 1)) / n for w, s, n in seen
    )
    middle = math.fsum(w * (s + 0.5) / (n + 1) for w, s, n in seen) / share
    size = min(middle * (1 - middle) / variance, float(sum(n for _, _, n in seen)))
    low, high = wilson(mean * size, size, alpha)
    return Interval(low * share, high * share + 1 - share)

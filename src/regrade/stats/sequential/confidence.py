"""Intervals of a rate that are valid at every look, however often one looks."""

import math
from functools import lru_cache

from regrade.stats.intervals import Interval

PRIOR_WEIGHT = 20.0
"""Observations that a prior centred on a known rate counts for."""


def beta_binomial_cs(
    passes: int, n: int, alpha: float = 0.05, *, centre: float | None = None
) -> Interval:
    """Estimate a pass rate by a confidence sequence: with probability 1 - alpha it holds the rate at every
    n at once.

    Shapes: `passes` of `n` observations so far, 0 <= passes <= n. `centre`, a rate that was fixed before the
    data, makes it narrower near there and stays valid everywhere.
    Edges: n = 0 gives [0, 1].
    Raises: ValueError for impossible counts.
    Source: Robbins 1970, Annals of Mathematical Statistics 41:1397-1409, with a Beta mixture: the rates p at
    which the ratio of the mixture's likelihood to p's stays below 1 / alpha (Ville's inequality).
    """
    if n < 0 or not 0 <= passes <= n:
        raise ValueError(f"{passes!r} passes of {n!r} is impossible")
    if n == 0:
        return Interval(0.0, 1.0)
    a, b = 0.5, 0.5
    if centre is not None:
        middle = min(max(centre, 0.02), 0.98)
        a, b = PRIOR_WEIGHT * middle, PRIOR_WEIGHT * (1 - middle)
    return _ends(passes, n, alpha, a, b)


@lru_cache(maxsize=4096)
def _ends(passes: int, n: int, alpha: float, a: float, b: float) -> Interval:
    failed = n - passes
    bound = math.log(1 / alpha)
    mixture = _betaln(a + passes, b + failed) - _betaln(a, b)

    def evidence(p: float) -> float:
        """Logarithm of the evidence against p, less what rules it out."""
        likelihood = (passes * math.log(p) if passes else 0.0) + (
            failed * math.log1p(-p) if failed else 0.0
        )
        return mixture - likelihood - bound

    rate = passes / n
    inside = min(max(rate, 1e-12), 1 - 1e-12)
    low = 0.0 if passes == 0 else _crossing(evidence, 1e-300, inside)
    high = 1.0 if failed == 0 else _crossing(evidence, 1 - 1e-16, inside)
    return Interval(low, high)


def _crossing(evidence, outside: float, inside: float) -> float:  # type: ignore[no-untyped-def]  # a function of a rate
    """Find where the evidence, positive outside and negative inside, crosses zero, by halving."""
    while (middle := (outside + inside) / 2) not in (outside, inside):
        if evidence(middle) > 0:
            outside = middle
        else:
            inside = middle
    return outside


def _betaln(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

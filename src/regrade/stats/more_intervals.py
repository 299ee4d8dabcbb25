"""Further intervals: for a rate, guaranteed or by a prior; for means of values without known bounds; by
resampling. `intervals.wilson` and `clustered.bounded_mean_ci` are those that are shown.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri, stdtrit

from .intervals import Interval


def clopper_pearson(passes: int, n: int, alpha: float = 0.05) -> Interval:
    """Estimate a rate so that at least 1 - alpha of all intervals hold it, whatever it is.

    Each end alone holds with 1 - alpha/2: what gates compare with a floor. No observation gives
    [0, 1].
    Raises: ValueError for impossible counts.
    Source: Clopper and Pearson 1934, Biometrika 26:404-413.
    """
    _check(passes, n)
    low = 0.0 if passes == 0 else float(betaincinv(passes, n - passes + 1, alpha / 2))
    high = 1.0 if passes == n else float(betaincinv(passes + 1, n - passes, 1 - alpha / 2))
    return Interval(low, high)


def jeffreys(passes: int, n: int, alpha: float = 0.05) -> Interval:
    """Estimate a rate by the prior Beta(1/2, 1/2), closed at 0 and 1 where all failed or passed.

    Raises: ValueError for impossible counts.
    Source: Brown, Cai and DasGupta 2001, Statistical Science 16:101-133.
    """
    return _by_prior(passes, n, alpha, 0.5)


def bayes_uniform(passes: int, n: int, alpha: float = 0.05) -> Interval:
    """Estimate a rate by the uniform prior: equal tails of Beta(1 + passes, 1 + failures).

    Raises: ValueError for impossible counts.
    Source: Bowyer et al. 2025, arXiv:2503.01747.
    """
    return _by_prior(passes, n, alpha, 1.0)


def _by_prior(passes: int, n: int, alpha: float, prior: float) -> Interval:
    _check(passes, n)
    a, b = passes + prior, n - passes + prior
    closes = prior < 1
    low = 0.0 if closes and passes == 0 else float(betaincinv(a, b, alpha / 2))
    high = 1.0 if closes and passes == n else float(betaincinv(a, b, 1 - alpha / 2))
    return Interval(low, high)


def _check(passes: int, n: int) -> None:
    if not 0 <= passes <= n:
        raise ValueError(f"{passes} passes of {n} are impossible")


def t_ci(values: Sequence[float], alpha: float = 0.05) -> Interval:
    """Estimate the mean of independent values, such as costs, from about fifty of them on.

    Fewer than two give [-inf, inf].
    Source: Student 1908.
    """
    x = np.asarray(values, dtype=float)
    if len(x) < 2:
        return Interval(-math.inf, math.inf)
    half = float(stdtrit(len(x) - 1, 1 - alpha / 2)) * float(x.std(ddof=1)) / math.sqrt(len(x))
    return Interval(float(x.mean()) - half, float(x.mean()) + half)


def bca_ci(
    values: Sequence[float],
    statistic: Callable[[np.ndarray], float] = lambda x: float(np.mean(x)),
    alpha: float = 0.05,
    *,
    seed: int,
    draws: int = 2000,
) -> Interval:
    """Estimate any statistic by the bias-corrected and accelerated bootstrap.

    Values that are all equal give an interval of no width; none give [-inf, inf].
    Source: Efron 1987, Journal of the American Statistical Association 82:171-185.
    """
    x = np.asarray(values, dtype=float)
    if not len(x):
        return Interval(-math.inf, math.inf)
    observed = statistic(x)
    random = np.random.default_rng(seed)
    drawn = np.array([statistic(x[random.integers(0, len(x), len(x))]) for _ in range(draws)])
    if drawn.min() == drawn.max():
        return Interval(observed, observed)
    share = (np.sum(drawn < observed) + np.sum(drawn == observed) / 2) / draws
    bias = float(ndtri(min(max(float(share), 1 / (2 * draws)), 1 - 1 / (2 * draws))))
    left_out = np.array([statistic(np.delete(x, at)) for at in range(len(x))])
    spread = left_out.mean() - left_out
    cubes, squares = float(np.sum(spread**3)), float(np.sum(spread**2))
    acceleration = cubes / (6 * squares**1.5) if squares else 0.0
    ends = []
    for z in (float(ndtri(alpha / 2)), float(ndtri(1 - alpha / 2))):
        moved = bias + (bias + z) / (1 - acceleration * (bias + z))
        ends.append(float(np.quantile(drawn, float(ndtr(moved)))))
    return Interval(*ends)


def empirical_bernstein_ci(values: Sequence[float], alpha: float = 0.05) -> Interval:
    """Estimate the mean of independent values in [0, 1] with a guarantee; wide below a few hundred.

    Fewer than two give [0, 1].
    Raises: ValueError for a value outside of [0, 1].
    Source: Maurer and Pontil 2009, arXiv:0907.3740, theorem 4, both sides.
    """
    x = np.asarray(values, dtype=float)
    if len(x) and (x.min() < 0 or x.max() > 1):
        raise ValueError("every value must lie in [0, 1]")
    if len(x) < 2:
        return Interval(0.0, 1.0)
    log = math.log(4 / alpha)
    half = math.sqrt(2 * float(x.var(ddof=1)) * log / len(x)) + 7 * log / (3 * (len(x) - 1))
    return Interval(max(0.0, float(x.mean()) - half), min(1.0, float(x.mean()) + half))

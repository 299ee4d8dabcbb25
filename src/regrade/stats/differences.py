"""Differences between two runs on the same cases, with intervals that pairing makes narrow."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from .clustered import effective_n, grouped
from .intervals import Interval

_HALVINGS = 60
_DRAWN_AT_ONCE = 200_000
"""Values of a bootstrap that are drawn at once: a few megabytes."""


def tango_ci(wins: float, losses: float, n: float, alpha: float = 0.05) -> Interval:
    """Estimate the difference of two paired pass rates, candidate minus baseline.

    Shapes: of n pairs, `wins` passed with the candidate alone and `losses` with the baseline alone.
    Edges: no pair gives [-1, 1]; no discordant pair gives ±z²/(n + z²), never a width of zero.
    Raises: ValueError for counts that contradict each other.
    Source: Tango 1998, Statistics in Medicine 17:891-908 (the score interval).
    """
    if wins < 0 or losses < 0 or wins + losses > n:
        raise ValueError(f"{wins} wins and {losses} losses among {n} pairs are impossible")
    low, high = tango_bounds([wins], [losses], [n], [float(ndtri(1 - alpha / 2))])
    return Interval(float(low[0]), float(high[0]))


def tango_bounds(
    wins: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    n: Sequence[float] | np.ndarray,
    quantile: Sequence[float] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Give `tango_ci` for many tables at once, with a quantile each: lower ends and upper ends."""
    w, m, size, z = (np.asarray(each, dtype=float) for each in (wins, losses, n, quantile))
    observed = np.divide(w - m, size, out=np.zeros_like(size), where=size > 0)
    ends = []
    for side in (-1.0, 1.0):
        inside, outside = observed.copy(), np.full_like(size, side)
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            is_inside = np.abs(_score(w, m, size, middle)) <= z
            inside = np.where(is_inside, middle, inside)
            outside = np.where(is_inside, outside, middle)
        ends.append(np.where(size > 0, (inside + outside) / 2, side))
    return ends[0], ends[1]


def _score(w: np.ndarray, m: np.ndarray, n: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Tango's score statistic for a hypothetical difference."""
    b = -w - m + (2 * n - w + m) * difference
    c = -m * difference * (1 - difference)
    q = (np.sqrt(np.maximum(b * b - 8 * n * c, 0)) - b) / (4 * np.maximum(n, 1e-300))
    variance = n * (2 * q + difference * (1 - difference))
    distance = w - m - n * difference
    with np.errstate(divide="ignore", invalid="ignore"):
        score = distance / np.sqrt(np.maximum(variance, 0))
    return np.where(np.abs(distance) < 1e-12 * np.maximum(n, 1), 0.0, score)


def paired_ci(
    differences: Sequence[float],
    alpha: float = 0.05,
    clusters: Sequence[Hashable] | None = None,
) -> Interval:
    """Estimate the mean of paired differences in [-1, 1]: Tango's interval on the effective number
    of pairs, with t quantiles.

    Shapes: differences[i] is candidate minus baseline at one case, averaged over its trials;
    clusters[i] is the cluster of that case; None makes every case its own.
    Edges: no case, or one cluster, gives [-1, 1]. Differences of -1, 0 and 1 without clusters give
    plain `tango_ci`. Fractional differences are treated conservatively (d² <= |d|).
    Raises: ValueError for a difference outside [-1, 1] or unequal lengths.
    Source: Tango 1998 on effective counts V/SE², the clustered standard error of Miller 2024
    (arXiv:2411.00640), floored by the independent one.
    """
    [interval] = paired_many([(differences, clusters)], alpha)
    return interval


Paired = tuple[Sequence[float] | np.ndarray, Sequence[Hashable] | None]
"""Differences, and the cluster of each; None makes every case its own."""


def paired_many(tables: Sequence[Paired], alpha: float = 0.05) -> list[Interval]:
    """Give `paired_ci` for many tables at once."""
    counted = [_effective(differences, clusters, alpha) for differences, clusters in tables]
    known = [each for each in counted if each is not None]
    if not known:
        return [Interval(-1.0, 1.0)] * len(counted)
    low, high = tango_bounds(*zip(*known, strict=True))
    ends = zip(low.tolist(), high.tolist(), strict=True)
    return [Interval(-1.0, 1.0) if each is None else Interval(*next(ends)) for each in counted]


def _effective(
    differences: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | None, alpha: float
) -> tuple[float, float, float, float] | None:
    """Give the effective wins, losses and pairs, and the quantile; None where nothing is known."""
    if not len(differences):
        return None
    d = np.asarray(differences, dtype=float)
    if np.isnan(d).any() or np.abs(d).max() > 1:
        raise ValueError("every difference must lie in [-1, 1]")
    wins, losses, n = float(d[d > 0].sum()), float(-d[d < 0].sum()), len(d)
    if clusters is None and np.isin(d, (-1.0, 0.0, 1.0)).all():
        return wins, losses, n, float(ndtri(1 - alpha / 2))
    array, index, groups = grouped(d, range(n) if clusters is None else clusters)
    if groups == 1:
        return None
    variance = (wins + losses) / n - float(d.mean()) ** 2
    size = effective_n(array, index, groups, max(variance, 0.0))
    t = float(stdtrit(groups - 1, 1 - alpha / 2))
    return wins * size / n, losses * size / n, size, t


def log_ratio_ci(
    baseline: Sequence[float],
    candidate: Sequence[float],
    alpha: float = 0.05,
    clusters: Sequence[Hashable] | None = None,
) -> tuple[float, Interval]:
    """Estimate the geometric mean of the ratios candidate / baseline of positive paired values.

    Shapes: one value a case in both, in the same unit; clusters[i] is the cluster of case i.
    Edges: fewer than two cases, or one cluster, give (ratio, [0, inf]).
    Raises: ValueError for a value that is not positive, no value, or unequal lengths.
    Source: t interval on the mean of log ratios; clustered standard error as in `paired_ci`.
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    if min(a.min(), b.min()) <= 0:
        raise ValueError("ratios need positive values")
    logs = np.log(b / a)
    mean = float(logs.mean())
    array, index, groups = grouped(logs, range(len(logs)) if clusters is None else clusters)
    if groups < 2:
        return math.exp(mean), Interval(0.0, math.inf)
    spread = _standard_error(array, index, groups)
    t = float(stdtrit(groups - 1, 1 - alpha / 2))
    return math.exp(mean), Interval(math.exp(mean - t * spread), math.exp(mean + t * spread))


def ratio_of_means_ci(
    baseline: Sequence[float],
    candidate: Sequence[float],
    alpha: float = 0.05,
    clusters: Sequence[Hashable] | None = None,
) -> tuple[float, Interval]:
    """Estimate the ratio of the means candidate / baseline of paired values, such as costs.

    Shapes: one value a case in both, in the same unit, none negative; clusters[i] is the cluster of
    case i.
    Edges: fewer than two cases, or one cluster, give (ratio, [0, inf]).
    Raises: ValueError for a baseline without any amount, no value, or unequal lengths.
    Source: Cochran 1977, Sampling Techniques, 3rd edition, section 6.4 (linearised).
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    if a.sum() <= 0:
        raise ValueError("the baseline has no amount to be compared with")
    ratio = float(b.mean() / a.mean())
    error = (b - ratio * a) / a.mean()
    array, index, groups = grouped(error, range(len(error)) if clusters is None else clusters)
    if groups < 2:
        return ratio, Interval(0.0, math.inf)
    half = float(stdtrit(groups - 1, 1 - alpha / 2)) * _standard_error(array, index, groups)
    return ratio, Interval(max(0.0, ratio - half), ratio + half)


def ratio_of_quantiles_ci(
    baseline: Sequence[float],
    candidate: Sequence[float],
    q: float = 0.5,
    alpha: float = 0.05,
    *,
    seed: int,
    draws: int = 2000,
) -> tuple[float, Interval]:
    """Estimate the ratio candidate / baseline of a quantile of paired positive values.

    Shapes: one value a case in both. For the 95th percentile from 200 pairs on.
    Raises: ValueError for a value that is not positive, no value, or unequal lengths.
    Source: percentile bootstrap over pairs.
    """
    a, b = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    if len(a) != len(b) or not len(a):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    if min(a.min(), b.min()) <= 0:
        raise ValueError("ratios need positive values")
    random = np.random.default_rng(seed)
    drawn = np.empty(draws)
    at_once = max(1, _DRAWN_AT_ONCE // len(a))
    for at in range(0, draws, at_once):
        some = random.integers(0, len(a), (min(at_once, draws - at), len(a)))
        drawn[at : at + at_once] = np.quantile(b[some], q, axis=1) / np.quantile(a[some], q, axis=1)
    low, high = np.quantile(drawn, [alpha / 2, 1 - alpha / 2])
    return float(np.quantile(b, q) / np.quantile(a, q)), Interval(float(low), float(high))


def ratio_of_medians_ci(
    baseline: Sequence[float], candidate: Sequence[float], alpha: float = 0.05, *, seed: int
) -> tuple[float, Interval]:
    """Estimate the ratio of medians, as `ratio_of_quantiles_ci` does."""
    return ratio_of_quantiles_ci(baseline, candidate, 0.5, alpha, seed=seed)


@dataclass(frozen=True, slots=True)
class MatchedSplit:
    """A difference of two means, and what of it comes from cases that only one side has."""

    total: float
    """The mean of all of B minus the mean of all of A."""
    matched: float
    """The same over the cases of both."""
    added: float
    """What cases that only B has do to its mean."""
    removed: float
    """What cases that only A has did to its mean."""
    n_matched: int
    """The cases of both."""


def matched_split(a: Mapping[str, float], b: Mapping[str, float]) -> MatchedSplit:
    """Split a difference of means by cases of both sides, added and removed ones; the parts add up.

    Shapes: values by pairing key. Without a case of both, the whole difference is of added and
    removed cases, and `matched` is 0.
    Raises: ValueError when a side has no case.
    """
    if not a or not b:
        raise ValueError("both sides need a case")
    both = [key for key in a if key in b]
    mean_a, mean_b = (sum(each.values()) / len(each) for each in (a, b))
    if not both:
        return MatchedSplit(mean_b - mean_a, 0.0, mean_b, -mean_a, 0)
    on_a, on_b = (sum(each[key] for key in both) / len(both) for each in (a, b))
    return MatchedSplit(mean_b - mean_a, on_b - on_a, mean_b - on_b, on_a - mean_a, len(both))


Verdict = Literal["better", "worse", "equivalent", "not_enough_evidence"]


def verdict(
    interval: Interval, p: float, margin: float | None = None, alpha: float = 0.05
) -> Verdict:
    """Say what an interval of a difference and its p-value show together.

    `equivalent` needs a margin, and the whole interval inside of it. Both must agree on better and
    worse, which keeps the error below alpha.
    """
    if p <= alpha and interval.low > 0:
        return "better"
    if p <= alpha and interval.high < 0:
        return "worse"
    if margin is not None and -margin < interval.low and interval.high < margin:
        return "equivalent"
    return "not_enough_evidence"


def _standard_error(array: np.ndarray, index: np.ndarray, groups: int) -> float:
    """The standard error of a mean, clustered and never below the independent one."""
    sums = np.bincount(index, weights=array - array.mean(), minlength=groups)
    clustered = groups / (groups - 1) * float(np.sum(sums**2)) / len(array) ** 2
    return math.sqrt(max(clustered, float(array.var(ddof=1)) / len(array)))

"""Intervals for means of bounded values that are not independent: trials of one case, cases of one
document.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import stdtrit

from .intervals import Interval, wilson


def cluster_se(values: Sequence[float], clusters: Sequence[Hashable]) -> float:
    """Estimate the standard error of the mean of clustered values.

    Shapes: clusters[i] is the cluster of values[i]; at least two clusters.
    SE^2 = G/(G-1) * sum over clusters of (sum of deviations)^2 / N^2.
    Raises: ValueError for fewer than two clusters or unequal lengths.
    Source: Miller 2024, "Adding Error Bars to Evals" (arXiv:2411.00640), appendix A, with the
    G/(G-1) correction.
    """
    array, index, groups = grouped(values, clusters)
    if groups < 2:
        raise ValueError(f"a clustered standard error needs two clusters, found {groups}")
    sums = np.bincount(index, weights=array - array.mean(), minlength=groups)
    return float(np.sqrt(groups / (groups - 1) * np.sum(sums**2)) / len(array))


def bounded_mean_ci(
    values: Sequence[float],
    clusters: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    low: float = 0.0,
    high: float = 1.0,
) -> Interval:
    """Estimate the mean of values in [low, high]: Wilson's interval on the effective sample size,
    with t quantiles.

    Shapes: clusters[i] is the cluster of values[i]; None makes every value its own cluster.
    Units: those of the values.
    Edges: no value gives [low, high]; one cluster gives [low, high], since nothing is known about
    its like. Binary values without clusters give plain `wilson`.
    Raises: ValueError for a value outside the bounds or unequal lengths.
    Source: Miller 2024 (arXiv:2411.00640) for the standard error, Wilson 1927 for the interval;
    effective sample size m(1 - m)/SE^2 with the t quantile on G - 1 degrees of freedom, the
    standard error floored by the independent one.
    """
    if not len(values):
        return Interval(low, high)
    scaled = (np.asarray(values, dtype=float) - low) / (high - low)
    if scaled.min() < 0 or scaled.max() > 1:
        raise ValueError(f"every value must lie in [{low!r}, {high!r}]")
    if clusters is None and np.isin(scaled, (0.0, 1.0)).all():
        return _scaled(wilson(float(scaled.sum()), len(scaled), alpha), low, high)
    array, index, groups = grouped(scaled, range(len(scaled)) if clusters is None else clusters)
    if groups == 1:
        return Interval(low, high)
    mean = float(array.mean())
    n_effective = effective_n(array, index, groups, mean * (1 - mean))
    t = float(stdtrit(groups - 1, 1 - alpha / 2))
    passes = min(mean * n_effective, n_effective)
    return _scaled(wilson(passes, n_effective, quantile=t), low, high)


def effective_n(array: np.ndarray, index: np.ndarray, groups: int, variance: float) -> float:
    """Give the number of independent values, of a variance, that tell as much of the mean as these.

    Shapes: index[i] is the number of the cluster of array[i], below `groups`. Values that are all
    equal count as one for each cluster.
    """
    sums = np.bincount(index, weights=array - array.mean(), minlength=groups)
    clustered = groups / (groups - 1) * float(np.sum(sums**2)) / len(array) ** 2
    independent = float(array.var(ddof=1)) / len(array)
    squared = max(clustered, independent)
    return groups if squared <= 1e-18 else variance / squared


def grouped(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Number the clusters: the values, the number of each one's cluster, and how many there are.

    Raises: ValueError for unequal lengths.
    """
    if len(values) != len(clusters):
        raise ValueError(f"{len(values)} values but {len(clusters)} clusters")
    numbers: dict[Hashable, int] = {}
    index = np.fromiter(
        (numbers.setdefault(c, len(numbers)) for c in clusters), dtype=np.intp, count=len(clusters)
    )
    return np.asarray(values, dtype=float), index, len(numbers)


def _scaled(interval: Interval, low: float, high: float) -> Interval:
    return Interval(low + interval.low * (high - low), low + interval.high * (high - low))

"""Which part of a pipeline explains a difference of pass rates: exact splits, with intervals where
there are enough cases.

Everywhere, `first` names for every case the component that failed first, None where the case
passed.
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .intervals import Interval

FEWEST_FAILURES = 5
"""Failures at a component, in either run, below which its effect gets no interval."""


def first_failure_delta(
    first_a: Sequence[str | None], first_b: Sequence[str | None]
) -> dict[str, float]:
    """Split the difference of two pass rates, B minus A, by the component that failed first.

    Each component's part is minus the change of its share; the parts add up to the difference
    exactly. Fixing an early component can let a later one's share grow without a change of it:
    see `lmdi`.
    Raises: ValueError for a run without cases.
    """
    if not first_a or not first_b:
        raise ValueError("both runs need a case")
    a, b = Counter(first_a), Counter(first_b)
    names = [name for name in {**a, **b} if name is not None]
    return {name: a[name] / len(first_a) - b[name] / len(first_b) for name in names}


@dataclass(frozen=True, slots=True)
class Hazard:
    """How often a component fails where everything before it passed."""

    reached: int
    """Cases in which everything before it passed."""
    failed: int
    """Those in which it failed."""

    @property
    def value(self) -> float:
        """The share; 0 where it was never reached."""
        return self.failed / self.reached if self.reached else 0.0


def hazards(first: Sequence[str | None], components: Sequence[str]) -> dict[str, Hazard]:
    """Count for every component, in pipeline order, how often it was reached and failed.

    The pass rate is the product of 1 - hazard.
    Raises: ValueError when a case failed at a component that is not named.
    """
    counts = Counter(first)
    if unknown := {name for name in counts if name is not None} - {*components}:
        raise ValueError(f"cases failed at {sorted(unknown)}, which are not among the components")
    found, reached = {}, len(first)
    for name in components:
        found[name] = Hazard(reached, counts[name])
        reached -= counts[name]
    return found


def lmdi(hazard_a: Mapping[str, float], hazard_b: Mapping[str, float]) -> dict[str, float]:
    """Split the difference of two pass rates by what each component got better or worse by itself.

    effect = L(P_B, P_A) * ln((1 - h_B) / (1 - h_A)) with L(a, b) = (a - b) / ln(a / b); the effects
    add up to P_B - P_A. Where any hazard is 1 there is no logarithm, and `shapley_product` is given.
    Raises: ValueError when the components differ.
    Source: Ang 2005, Energy Policy 33:867-871 (logarithmic mean Divisia index).
    """
    _check_same(hazard_a, hazard_b)
    if any(h >= 1 for h in (*hazard_a.values(), *hazard_b.values())):
        return shapley_product(hazard_a, hazard_b)
    pass_a, pass_b = (math.prod(1 - h for h in each.values()) for each in (hazard_a, hazard_b))
    ratio = pass_b / pass_a
    mean = pass_a if abs(ratio - 1) < 1e-12 else (pass_b - pass_a) / math.log(ratio)
    return {c: mean * math.log((1 - hazard_b[c]) / (1 - hazard_a[c])) for c in hazard_a}


def shapley_product(
    hazard_a: Mapping[str, float], hazard_b: Mapping[str, float]
) -> dict[str, float]:
    """Split the difference of two pass rates by Shapley's value of putting each component of B into
    A.

    Exact for any number of components: the products over all subsets of one size are a coefficient
    of the polynomial prod((1 - h_A) + (1 - h_B) x).
    Raises: ValueError when the components differ.
    Source: Shapley 1953.
    """
    _check_same(hazard_a, hazard_b)
    n = len(hazard_a)
    effects = {}
    for name in hazard_a:
        sizes = np.ones(1)
        for other in hazard_a:
            if other != name:
                sizes = np.convolve(sizes, [1 - hazard_a[other], 1 - hazard_b[other]])
        weights = [
            math.factorial(k) * math.factorial(n - 1 - k) / math.factorial(n) for k in range(n)
        ]
        effects[name] = (hazard_a[name] - hazard_b[name]) * float(np.dot(sizes, weights))
    return effects


def _check_same(hazard_a: Mapping[str, float], hazard_b: Mapping[str, float]) -> None:
    if [*hazard_a] != [*hazard_b]:
        raise ValueError(f"the components differ: {[*hazard_a]} and {[*hazard_b]}")


def lmdi_ci(
    first_a: Sequence[str | None],
    first_b: Sequence[str | None],
    components: Sequence[str],
    *,
    clusters: Sequence[Hashable] | None = None,
    seed: int,
    draws: int = 2000,
    alpha: float = 0.05,
) -> dict[str, Interval | None]:
    """Estimate the effects of `lmdi` by drawing the paired cases, or their clusters, again.

    Shapes: first_a[i] and first_b[i] are of one case, clusters[i] is its cluster. A component with
    fewer than five failures in both runs together gets None: only counts can be told.
    Raises: ValueError for unequal lengths.
    Source: percentile bootstrap over clusters.
    """
    if len(first_a) != len(first_b):
        raise ValueError(f"{len(first_a)} and {len(first_b)} cases are no pairs")
    places = {name: at for at, name in enumerate([*components, None])}
    numbers: dict[Hashable, int] = {}
    index = [
        numbers.setdefault(each, len(numbers))
        for each in (range(len(first_a)) if clusters is None else clusters)
    ]
    tables = np.zeros((2, len(numbers), len(places)))
    for side, first in enumerate((first_a, first_b)):
        for cluster, name in zip(index, first, strict=True):
            tables[side, cluster, places[name]] += 1
    random = np.random.default_rng(seed)
    effects = []
    for _ in range(draws):
        weights = np.bincount(
            random.integers(0, len(numbers), len(numbers)), minlength=len(numbers)
        )
        effects.append(_effects(weights @ tables[0], weights @ tables[1], components))
    ends = np.quantile(np.array(effects), [alpha / 2, 1 - alpha / 2], axis=0)
    failed = tables.sum(axis=(0, 1))
    return {
        name: Interval(float(ends[0, at]), float(ends[1, at]))
        if failed[at] >= FEWEST_FAILURES
        else None
        for at, name in enumerate(components)
    }


def _effects(counts_a: np.ndarray, counts_b: np.ndarray, components: Sequence[str]) -> list[float]:
    rates = []
    for counts in (counts_a, counts_b):
        failed = counts[:-1]
        reached = counts.sum() - np.concatenate([[0], np.cumsum(failed)[:-1]])
        rates.append(np.divide(failed, reached, out=np.zeros_like(failed), where=reached > 0))
    a, b = (dict(zip(components, map(float, each), strict=True)) for each in rates)
    return [*lmdi(a, b).values()]


@dataclass(frozen=True, slots=True)
class Kitagawa:
    """A difference of two rates, split slice by slice."""

    rate: Mapping[str, float]
    """What came of slices that got better or worse."""
    mix: Mapping[str, float]
    """What came of slices that became more or fewer."""


def kitagawa(
    weights_a: Mapping[str, float],
    rates_a: Mapping[str, float],
    weights_b: Mapping[str, float],
    rates_b: Mapping[str, float],
) -> Kitagawa:
    """Split a difference of rates, B minus A, into quality and mix; both together add up exactly.

    Shapes: by slice, its share of the cases (adding up to 1) and its rate. A slice that only one
    side has keeps that side's rate: all of it is mix.
    Source: Kitagawa 1955, Journal of the American Statistical Association 50:1168-1194.
    """
    names = [*{**weights_a, **weights_b}]
    rate, mix = {}, {}
    for name in names:
        wa, wb = weights_a.get(name, 0.0), weights_b.get(name, 0.0)
        ra = rates_a[name] if wa else rates_b.get(name, 0.0)
        rb = rates_b[name] if wb else ra
        rate[name] = (rb - ra) * (wa + wb) / 2
        mix[name] = (wb - wa) * (ra + rb) / 2
    return Kitagawa(rate, mix)

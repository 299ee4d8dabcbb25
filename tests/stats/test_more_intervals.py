import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats as reference

from regrade.stats import wilson
from regrade.stats.more_intervals import (
    bayes_uniform,
    bca_ci,
    clopper_pearson,
    empirical_bernstein_ci,
    jeffreys,
    t_ci,
)

COUNTS = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("passes", "n"), [(0, 20), (20, 20), (19, 20), (45, 50), (190, 200)])
def test_clopper_pearson_is_that_of_scipy(passes: int, n: int) -> None:
    known = reference.binomtest(passes, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(passes, n) == pytest.approx((known.low, known.high), abs=1e-9)


@pytest.mark.parametrize(("passes", "n"), [(3, 20), (19, 20), (45, 50)])
def test_priors_are_those_of_the_beta_distribution(passes: int, n: int) -> None:
    for prior, function in ((0.5, jeffreys), (1.0, bayes_uniform)):
        known = reference.beta.ppf([0.025, 0.975], passes + prior, n - passes + prior)
        assert function(passes, n) == pytest.approx(tuple(known), abs=1e-9)


@given(COUNTS)
def test_every_interval_of_a_rate_is_symmetric_and_within_bounds(counts: tuple[int, int]) -> None:
    passes, n = counts
    for function in (clopper_pearson, jeffreys, bayes_uniform):
        low, high = function(passes, n)
        mirrored = function(n - passes, n)
        assert 0 <= low <= high <= 1
        assert (1 - high, 1 - low) == pytest.approx(tuple(mirrored), abs=1e-9)
    exact = clopper_pearson(passes, n)
    shown = wilson(passes, n)
    assert exact.high - exact.low >= shown.high - shown.low - 0.02


def test_no_data_and_closed_ends() -> None:
    assert clopper_pearson(0, 0) == (0, 1)
    assert jeffreys(50, 50).high == 1
    assert clopper_pearson(50, 50).low == pytest.approx(0.05 ** (1 / 50) * (0.5 ** (1 / 50)))
    for function in (clopper_pearson, jeffreys, bayes_uniform):
        with pytest.raises(ValueError, match="impossible"):
            function(3, 2)


def test_the_exact_interval_keeps_its_promise_everywhere() -> None:
    """Coverage summed over every outcome, where Wilson's and Wald's intervals dip below."""
    n = 50
    for p in (0.5, 0.9, 0.95, 0.99):
        weights = reference.binom.pmf(range(n + 1), n, p)
        covered = sum(w for k, w in enumerate(weights) if clopper_pearson(k, n).low <= p <= clopper_pearson(k, n).high)  # fmt: skip
        assert covered >= 0.95


def test_the_mean_of_unbounded_values() -> None:
    x = [1.0, 2.0, 4.0, 8.0]
    known = reference.ttest_1samp(x, 0).confidence_interval()
    assert t_ci(x) == pytest.approx((known.low, known.high))
    assert t_ci([1.0]) == (-math.inf, math.inf)


def test_the_bootstrap_is_near_to_that_of_scipy() -> None:
    x = np.random.default_rng(2).lognormal(0, 1, 60)
    known = reference.bootstrap((x,), np.mean, method="BCa", n_resamples=5000, rng=np.random.default_rng(1))  # fmt: skip
    found = bca_ci(x.tolist(), seed=1, draws=5000)
    assert found == pytest.approx((known.confidence_interval.low, known.confidence_interval.high), rel=0.05)  # fmt: skip
    assert bca_ci(x.tolist(), seed=1, draws=200) == bca_ci(x.tolist(), seed=1, draws=200)
    assert bca_ci([2.0] * 9, seed=1) == (2, 2)
    assert bca_ci([], seed=1) == (-math.inf, math.inf)


def test_bernstein_is_valid_and_wide() -> None:
    x = np.random.default_rng(3).beta(8, 2, 100).tolist()
    low, high = empirical_bernstein_ci(x)
    assert low < np.mean(x) < high
    assert high - low > 2 * (t_ci(x).high - t_ci(x).low)
    assert empirical_bernstein_ci([0.5]) == (0, 1)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        empirical_bernstein_ci([1.5])

import itertools

import numpy as np
import pytest
from scipy import stats as reference

from regrade.stats.trials import (
    flaky_posterior,
    nested_judge_variance,
    pass_at_k,
    pass_hat_k,
    trials_needed,
    variance_components,
)


@pytest.mark.parametrize(("n", "c", "k"), [(5, 3, 2), (6, 0, 3), (6, 6, 3), (4, 1, 4)])
def test_any_and_all_of_k_by_enumeration(n: int, c: int, k: int) -> None:
    outcomes = [1] * c + [0] * (n - c)
    some = [*itertools.combinations(outcomes, k)]
    assert pass_at_k(n, c, k) == pytest.approx(np.mean([any(each) for each in some]))
    assert pass_hat_k(n, c, k) == pytest.approx(np.mean([all(each) for each in some]))


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, 1, 4), (3, 1, 0)])
def test_more_trials_than_were_made_are_refused(n: int, c: int, k: int) -> None:
    for function in (pass_at_k, pass_hat_k):
        with pytest.raises(ValueError, match="trials made"):
            function(n, c, k)


def test_variance_is_split_as_it_was_made() -> None:
    random = np.random.default_rng(1)
    rates = random.normal(0.7, 0.2, 4000)
    found = variance_components(random.normal(rates[:, None], 0.3, (4000, 5)).tolist())
    assert found.between == pytest.approx(0.04, rel=0.1)
    assert found.within == pytest.approx(0.09, rel=0.1)
    assert found.icc == pytest.approx(0.04 / 0.13, rel=0.1)
    assert found.se_population > found.se_suite
    one_way = reference.f_oneway(*[[1, 2], [3, 5]])
    assert one_way.statistic > 0


def test_trials_that_are_needed() -> None:
    found = variance_components([[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0]])
    k = trials_needed(found, 400, 0.02)
    assert k is not None
    assert (found.between + found.within / k) / 400 <= 0.02**2 + 1e-12
    assert trials_needed(variance_components([[1, 1], [0, 0], [1, 1]]), 10, 0.01) is None


def test_edges_of_variance() -> None:
    same = variance_components([[1, 1], [1, 1]])
    assert (same.icc, same.se_suite, same.se_population) == (0, 0, 0)
    for rows in ([[1, 1]], [[1], [0]], [[1, 0], [1]]):
        with pytest.raises(ValueError, match="two at least|as many values"):
            variance_components(rows)


def test_the_judge_is_told_apart_from_the_application() -> None:
    random = np.random.default_rng(2)
    case = random.normal(0, 1, (600, 1, 1))
    output = random.normal(0, 0.5, (600, 4, 1))
    judge = random.normal(0, 0.25, (600, 4, 3))
    found = nested_judge_variance((case + output + judge).tolist())
    assert (found.case, found.output, found.judge) == pytest.approx((1, 0.25, 0.0625), rel=0.15)
    assert found.judge_share == pytest.approx(0.2, abs=0.03)
    assert nested_judge_variance([[[1, 1], [1, 1]], [[0, 0], [0, 0]]]).judge_share == 0
    with pytest.raises(ValueError, match="two of each"):
        nested_judge_variance([[[1, 1]]])


def test_a_case_is_flaky_only_after_some_trials() -> None:
    assert flaky_posterior(5, 10) > 0.99
    assert flaky_posterior(10, 10) < 0.2
    assert flaky_posterior(1, 2) < 0.95
    known = reference.beta(3.5, 2.5)
    assert flaky_posterior(3, 5) == pytest.approx(known.cdf(0.9) - known.cdf(0.1))
    with pytest.raises(ValueError, match="impossible"):
        flaky_posterior(3, 2)

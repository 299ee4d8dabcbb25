"""Rates weighted back to everything that they were drawn from."""

import numpy as np
import pytest

from regrade.stats import wilson
from regrade.stats.sampled import hajek, stratified_rate, weighted_rate
from regrade.stats.sequential.confidence import beta_binomial_cs


def test_with_equal_chances_it_is_the_plain_rate() -> None:
    passes = [True] * 45 + [False] * 5
    found = weighted_rate(passes, [0.05] * 50)
    assert found.value == pytest.approx(0.9)
    assert found.interval == pytest.approx(wilson(45, 50))
    assert (found.n, hajek([1, 0], [1, 1])) == (50, 0.5)


def test_failures_that_are_always_graded_count_for_themselves_alone() -> None:
    passes = [False] * 50 + [True] * 45 + [False] * 5
    found = weighted_rate(passes, [1.0] * 50 + [0.05] * 50)
    assert found.value == pytest.approx(45 * 20 / (50 + 50 * 20))
    assert found.interval.low < found.value < found.interval.high


def test_all_alike_leave_room_by_the_effective_number() -> None:
    found = weighted_rate([True] * 60, [1.0] * 50 + [0.05] * 10)
    assert found.value == 1
    assert found.interval.low == pytest.approx(
        wilson(250**2 / (50 + 10 * 400), 250**2 / (50 + 10 * 400)).low
    )
    assert weighted_rate([], []).interval == (0, 1)
    looked = weighted_rate([True] * 45 + [False] * 5, [0.05] * 50, at_every_look=True)
    assert looked.interval == beta_binomial_cs(45, 50)
    assert weighted_rate([True], [0.5], at_every_look=True).interval == beta_binomial_cs(1, 1)


@pytest.mark.parametrize(("values", "chances"), [([], []), ([1], []), ([1], [0]), ([1], [1.5])])
def test_impossible_draws_are_refused(values: list[float], chances: list[float]) -> None:
    with pytest.raises(ValueError, match="prob"):
        hajek(values, chances)


def test_strata_are_weighted_by_their_sizes() -> None:
    low, high = stratified_rate([(900, 45, 50), (100, 10, 50)])
    assert low < 0.9 * 0.9 + 0.1 * 0.2 < high
    assert stratified_rate([(10, 0, 0)]) == (0, 1)
    low, high = stratified_rate([(50, 50, 50), (50, 0, 0)])
    assert low == pytest.approx(0.5 * wilson(50, 50).low, abs=0.02)
    assert high == 1
    for strata in ([], [(0, 0, 0)], [(10, 3, 2)], [(-1, 0, 1), (5, 0, 1)]):
        with pytest.raises(ValueError, match="strata"):
            stratified_rate(strata)


@pytest.mark.no_cover
@pytest.mark.parametrize("rate", [0.9, 0.98])
def test_intervals_hold_the_rate_of_all_traffic(rate: float) -> None:
    chance = np.random.default_rng(3)
    weighted = plain = strata = 0
    for _ in range(400):
        is_slow = chance.random(4000) < 0.1
        passes = chance.random(4000) < np.where(is_slow, rate - 0.2, rate)
        truth = 0.1 * (rate - 0.2) + 0.9 * rate
        chances = np.where(is_slow, 0.5, 0.05)
        drawn = chance.random(4000) < chances
        found = weighted_rate(passes[drawn].tolist(), chances[drawn].tolist()).interval
        weighted += found.low <= truth <= found.high
        naive = wilson(int(passes[drawn].sum()), int(drawn.sum()))
        plain += naive.low <= truth <= naive.high
        parts = [(float(part.sum()), int(passes[part & drawn].sum()), int((part & drawn).sum())) for part in (is_slow, ~is_slow)]  # fmt: skip
        low, high = stratified_rate(parts)
        strata += low <= truth <= high
    assert weighted / 400 > 0.92
    assert strata / 400 > 0.92
    assert plain / 400 < 0.2, "what is drawn more often counts too much"

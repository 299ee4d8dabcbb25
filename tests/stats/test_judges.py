import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from regrade.stats.intervals import wilson
from regrade.stats.people.judges import (
    calibrated_rate,
    correlation,
    judge_beats_constant,
    judge_bias_gap,
    label_savings,
    labels_needed,
    position_bias,
    ppi_mean,
    rogan_gladen_ci,
    rogan_gladen_point,
)


def test_a_perfect_judge_costs_no_width_and_a_useless_one_gives_what_the_labels_give() -> None:
    perfect = calibrated_rate(60, 60, 0, 40, 900, 100)
    assert perfect.value == pytest.approx(0.9, abs=0.02)
    alone = wilson(90, 100)
    assert perfect.interval.high - perfect.interval.low < alone.high - alone.low
    useless = calibrated_rate(45, 50, 45, 50, 500, 500)
    assert useless.value == pytest.approx(0.9, abs=0.02)


def test_failures_that_are_labelled_more_often_do_not_bias_the_rate() -> None:
    # the judge passes 80 %; people pass 95 % of those and 40 % of the others
    found = calibrated_rate(57, 60, 40, 100, 800, 200)
    assert found.value == pytest.approx(0.8 * 0.95 + 0.2 * 0.4, abs=0.01)


@given(
    labelled=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    more=st.tuples(st.integers(0, 500), st.integers(0, 500)),
)
def test_the_corrected_rate_stays_in_bounds(
    labelled: tuple[int, int], shares: tuple[float, float], more: tuple[int, int]
) -> None:
    passes = [round(n * share) for n, share in zip(labelled, shares, strict=True)]
    found = calibrated_rate(
        passes[0], labelled[0], passes[1], labelled[1], labelled[0] + more[0], labelled[1] + more[1]
    )
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


def test_edges_of_corrected_rates() -> None:
    assert calibrated_rate(0, 0, 0, 0, 0, 0).interval == (0, 1)
    unknown = calibrated_rate(0, 0, 0, 0, 50, 50).interval
    assert unknown.high - unknown.low > 0.7, "without a label nothing is known"
    for wrong in ((5, 4, 0, 0, 9, 9), (0, 10, 0, 0, 9, 9), (-1, 0, 0, 0, 1, 1)):
        with pytest.raises(ValueError, match="no counts"):
            calibrated_rate(*wrong)


def test_rogan_gladen_of_known_rates() -> None:
    assert rogan_gladen_point(800, 1000, 95, 100, 80, 100) == pytest.approx((0.8 + 0.8 - 1) / 0.75)
    assert rogan_gladen_point(800, 1000, 50, 100, 50, 100) is None
    assert rogan_gladen_ci(800, 1000, 50, 100, 40, 100) == (0, 1)
    low, high = rogan_gladen_ci(800, 1000, 95, 100, 80, 100)
    assert low < 0.8 < high


def test_ppi_is_the_labels_alone_where_the_judge_says_nothing() -> None:
    labels, judged = [1.0, 2.0, 3.0, 4.0], [3.0, 3.0, 3.0, 3.0]
    found = ppi_mean(labels, judged, [3.0] * 100)
    assert found.value == 2.5
    alone = ppi_mean(labels, judged, [])
    assert alone == found
    chance = np.random.default_rng(1)
    truth = chance.normal(3, 1, 1100)
    guess = truth + chance.normal(0.5, 0.3, 1100)
    known, said, rest = truth[:100].tolist(), guess[:100].tolist(), guess[100:].tolist()
    better, worse = ppi_mean(known, said, rest), ppi_mean(known, said, rest, weight=0.0)
    assert better.interval.high - better.interval.low < 0.6 * (worse.interval.high - worse.interval.low)  # fmt: skip
    assert better.interval.low < 3 < better.interval.high
    with pytest.raises(ValueError, match="three pairs"):
        ppi_mean([1, 2], [1, 2], [])


@pytest.mark.parametrize(("rho", "labels"), [(0, 139), (0.5, 104), (0.7, 71), (0.8, 50), (0.9, 27)])
def test_labels_that_are_needed(rho: float, labels: int) -> None:
    assert labels_needed(0.9, rho, 0.05) == labels
    assert labels_needed(0.9, rho, 0.05, total=100) < labels
    with pytest.raises(ValueError, match="between 0 and 1"):
        labels_needed(1.0, rho, 0.05)


def test_whether_a_judge_beats_saying_always_the_same() -> None:
    assert judge_beats_constant(80, 8, 5, 7) > 0.05, "7 found of 12 that differ prove nothing"
    assert judge_beats_constant(80, 3, 2, 15) < 0.01
    assert judge_beats_constant(15, 2, 3, 80) < 0.01, "also where most fail"
    assert judge_beats_constant(90, 10, 0, 0) == 1


def test_savings_and_correlation() -> None:
    assert correlation(50, 0, 0, 50) == 1
    assert correlation(50, 50, 0, 0) == 0
    perfect = label_savings(50, 0, 0, 50)
    assert perfect.factor == math.inf
    assert perfect.rho2_low == 1
    good = label_savings(80, 3, 4, 13)
    assert 0 < good.rho2_low < good.rho2 < 1
    assert good.factor == pytest.approx(1 / (1 - good.rho2))
    assert label_savings(0, 0, 0, 0).factor == 1


def test_the_order_and_what_it_does() -> None:
    fair = position_bias([("first", "second")] * 40 + [("tie", "tie")] * 10)
    assert (fair.consistency, fair.p) == (1, 1)
    biased = position_bias([("first", "second")] * 30 + [("first", "first")] * 20)
    assert biased.consistency == 0.6
    assert (biased.first, biased.second) == (20, 0)
    assert biased.p < 0.001
    assert position_bias([]).consistency == 1


def test_a_group_that_is_favoured() -> None:
    found = judge_bias_gap([1] * 50, [1] * 30 + [0] * 20, [1] * 30 + [0] * 20, [1] * 30 + [0] * 20)
    assert found.gap == pytest.approx(0.4)
    assert found.interval.low > 0
    better = judge_bias_gap([1] * 40 + [0] * 10, [1] * 40 + [0] * 10, [1] * 10 + [0] * 40, [1] * 10 + [0] * 40)  # fmt: skip
    assert better.gap == 0, "that a group is better is no bias"
    assert better.interval.low < 0 < better.interval.high
    assert judge_bias_gap([1], [0], [1, 0], [1, 0]).interval == (-2, 2)
    assert judge_bias_gap([], [], [1], [1]).gap == 0


@pytest.mark.long
@pytest.mark.parametrize(("sens", "spec"), [(0.95, 0.7), (0.8, 0.6), (0.99, 0.95)])
def test_the_corrected_interval_covers_what_the_judge_alone_does_not(
    sens: float, spec: float
) -> None:
    chance = np.random.default_rng(5)
    corrected = naive = 0
    for _ in range(800):
        human = chance.random(1000) < 0.9
        judge = np.where(human, chance.random(1000) < sens, chance.random(1000) > spec)
        good, bad = np.flatnonzero(judge), np.flatnonzero(~judge)
        some = chance.choice(good, min(60, len(good)), replace=False)
        others = chance.choice(bad, min(40, len(bad)), replace=False)
        found = calibrated_rate(
            int(human[some].sum()), len(some), int(human[others].sum()), len(others), len(good), len(bad)
        )  # fmt: skip
        corrected += found.interval.low <= 0.9 <= found.interval.high
        low, high = wilson(int(judge.sum()), 1000)
        naive += low <= 0.9 <= high
    assert corrected / 800 > 0.93
    if (sens, spec) != (0.99, 0.95):
        assert naive / 800 < 0.8

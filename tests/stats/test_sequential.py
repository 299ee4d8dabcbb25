"""Statistics that hold whenever one looks: against other implementations, published rules and simulation."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import beta as beta_of

from regrade.stats.more_intervals import clopper_pearson
from regrade.stats.sequential.baselines import cell_bounds, lower_bound
from regrade.stats.sequential.comparing import compare_streams
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.stats.sequential.detecting import (
    BETS,
    Detector,
    Tally,
    evidence_below,
    mirrored,
    restarted,
    step,
    threshold,
)
from regrade.stats.sequential.many import e_bh


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([None, 0.5, 0.95]))
def test_the_confidence_sequence_is_where_its_evidence_says(
    passes: int, failed: int, centre: float | None
) -> None:
    n = passes + failed
    low, high = beta_binomial_cs(passes, n, centre=centre)
    assert 0 <= low <= (passes / n if n else 0.5) <= high <= 1
    a, b = (0.5, 0.5) if centre is None else (20 * centre, 20 * (1 - centre))
    for end in (low, high):
        if 0 < end < 1 and n:
            mixture = math.lgamma(a + passes) + math.lgamma(b + failed) - math.lgamma(a + b + n)
            mixture -= math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
            evidence = mixture - passes * math.log(end) - failed * math.log1p(-end)
            assert evidence == pytest.approx(math.log(20), abs=1e-4)


@pytest.mark.no_cover
def test_it_holds_at_every_look_where_a_fixed_interval_does_not() -> None:
    chance = np.random.default_rng(5)
    missed = 0
    for _ in range(200):
        sums = np.cumsum(chance.random(600) < 0.9)
        missed += any(
            not (found := beta_binomial_cs(int(sums[n - 1]), n)).low <= 0.9 <= found.high
            for n in range(5, 601, 5)
        )
    assert missed / 200 <= 0.05


def test_impossible_counts_are_refused() -> None:
    assert beta_binomial_cs(0, 0) == (0.0, 1.0)
    for passes, n in ((-1, 2), (3, 2), (0, -1)):
        with pytest.raises(ValueError, match="impossible"):
            beta_binomial_cs(passes, n)
    with pytest.raises(ValueError, match="impossible"):
        lower_bound(3, 2)
    with pytest.raises(ValueError, match="threshold"):
        threshold(0, 0.5)
    with pytest.raises(ValueError, match="threshold"):
        threshold(10, 0)


def test_bounds_are_those_of_clopper_and_pearson_and_cells_are_drawn_together() -> None:
    for passed, total in ((95, 100), (480, 500), (1, 30), (30, 30)):
        assert lower_bound(passed, total) == pytest.approx(clopper_pearson(passed, total, 0.1).low)
    assert lower_bound(0, 30) == lower_bound(0, 0) == 0.0
    bounds = cell_bounds({"day": (9500, 10_000), "night": (1, 2)})
    assert bounds["day"] == pytest.approx(
        float(beta_of.ppf(0.05, 50 * 0.9498 + 9500, 50 * 0.0502 + 500)), abs=1e-3
    )
    assert 0.8 < bounds["night"] < 0.9, "two results are no guess of a rate"


def one(passed: int, total: int = 41, tolerated: float = 0.95) -> list[Tally]:
    return [Tally(passed=passed, total=total, tolerated=tolerated)]


def test_a_step_is_the_formula_of_the_paper() -> None:
    before = step(Detector(), 7, one(40), 0.95)
    after = step(before, 8, one(38), 0.95)
    for at, part in enumerate(BETS):
        bet = part / 0.05
        gain = (1 + bet * (0.95 - 1)) ** 38 * (1 + bet * 0.95) ** 3
        assert after.evidence[at] == pytest.approx((1 + before.evidence[at]) * gain)
    assert after.value == pytest.approx(sum(after.evidence) / len(BETS))
    assert (after.seen, after.tick) == (82, 8)
    later = step(after, 20, [], 0.95)
    assert later.evidence == pytest.approx([12 + each for each in after.evidence])
    assert restarted(later) == Detector(tick=20)


def test_rates_of_several_cells_are_held_each_against_its_own() -> None:
    mixed = step(Detector(), 1, [*one(40, tolerated=0.95), *one(35, tolerated=0.85)], 0.85)
    apart = 1.0
    bet = BETS[2] / 0.15
    for passed, tolerated in ((40, 0.95), (35, 0.85)):
        apart *= (1 + bet * (tolerated - 1)) ** passed * (1 + bet * tolerated) ** (41 - passed)
    assert mixed.evidence[2] == pytest.approx(apart)


def test_what_makes_no_step_is_refused_and_extremes_stay_finite() -> None:
    known = step(Detector(), 5, one(41), 0.95)
    with pytest.raises(ValueError, match="the tick 5 was taken"):
        step(known, 5, one(41), 0.95)
    for floor in (0.0, 1.0, 0.96):
        with pytest.raises(ValueError, match="floor"):
            step(known, 6, one(41), floor)
    huge = step(known, 6, one(0, total=10**6), 0.95)
    assert math.isfinite(huge.value)
    assert step(huge, 7, one(0, total=10**6), 0.95).value <= 1e300


def run(rates: list[float], at: float, seed: int, n: int = 41) -> tuple[int | None, int]:
    """Give the tick of the alarm, and the tick at which it says that the drop began."""
    chance, detector = np.random.default_rng(seed), Detector()
    for number, rate in enumerate(rates, 1):
        detector = step(detector, number, one(int(chance.binomial(n, rate)), n), 0.95)
        if detector.value >= at:
            return number, detector.began
    return None, 0


@pytest.mark.no_cover
def test_drops_are_found_as_soon_as_published_and_dated() -> None:
    """41 results an hour, true 0.95, one false alarm in ten years: medians of 13, 5 and 3 hours."""
    for rate, hours in ((0.9, 13), (0.85, 5), (0.8, 3)):
        found = [run([0.95] * 200 + [rate] * 200, 87_600, seed) for seed in range(40)]
        delays = [at - 200 for at, _ in found if at is not None]
        assert len(delays) == 40
        assert abs(float(np.median(delays)) - hours) <= 2
        began = [start for _, start in found]
        assert float(np.median(np.abs(np.array(began) - 200))) <= 6


@pytest.mark.no_cover
def test_what_stays_on_the_line_seldom_alarms() -> None:
    alarms = sum(run([0.95] * 1000, 10_000, seed)[0] is not None for seed in range(40))
    assert alarms / 40 <= 1000 / 10_000 + 0.05, (
        "the mean time to a false alarm is at least the threshold"
    )


def test_the_recovery_is_seen_by_the_mirrored_detector() -> None:
    chance, detector = random.Random(1), Detector()
    for number in range(1, 300):
        passed = sum(chance.random() < 0.99 for _ in range(41))
        detector = step(detector, number, mirrored(one(passed)), 0.05)
        if detector.value >= 100:
            break
    assert number < 60


def test_two_streams_are_told_apart_and_equal_ones_are_not() -> None:
    chance = np.random.default_rng(2)

    def drawn(rate: float, n: int = 1500) -> list[bool]:
        return [bool(each) for each in chance.random(n) < rate]

    false = sum(compare_streams(drawn(0.9), drawn(0.9)).worse >= 20 for _ in range(100))
    assert false <= 6
    wrong = sum(compare_streams(drawn(0.9), drawn(0.88)).not_worse >= 20 for _ in range(100))
    assert wrong <= 6
    seen = [compare_streams(drawn(0.95), drawn(0.85)) for _ in range(20)]
    assert all(each.worse >= 20 and each.blocks == 150 for each in seen)
    assert compare_streams(drawn(0.9), drawn(0.95), margin=0.05).not_worse >= 20
    few = compare_streams([True] * 9, [False] * 9)
    assert (few.blocks, few.worse, few.not_worse) == (0, 1.0, 1.0)


def test_e_bh_is_the_step_up_rule_on_evidence() -> None:
    assert e_bh([100, 1, 20, 0], 0.1) == [True, False, True, False]
    assert e_bh([39, 1, 19, 0], 0.1) == [False] * 4
    assert e_bh([], 0.1) == []


def test_evidence_since_the_beginning_is_an_e_value() -> None:
    chance = np.random.default_rng(4)
    some = [evidence_below(one(int(chance.binomial(41, 0.95))), 0.95) for _ in range(4000)]
    assert float(np.mean(some)) < 1.2
    assert evidence_below(one(25), 0.95) > 1000

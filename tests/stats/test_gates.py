import math

import numpy as np
import pytest

from regrade.stats.gates import alpha_per_test, curtail, group_sequential, paired_eprocess


def test_errors_are_shared_among_commits_and_gates() -> None:
    assert alpha_per_test(1, 200, 5) == pytest.approx(0.001)
    assert alpha_per_test(100, 1) == 0.5
    with pytest.raises(ValueError, match="positive"):
        alpha_per_test(0, 200)


def test_boundaries_are_the_published_ones() -> None:
    found = group_sequential([1 / 3, 2 / 3, 1], 0.05)
    assert found.z == pytest.approx((3.200, 2.141, 1.695), abs=0.002)
    assert found.alpha[0] == pytest.approx(0.00069, abs=0.0001)
    single = group_sequential([1.0], 0.05)
    assert single.z == pytest.approx((1.645,), abs=0.001)
    pocock = group_sequential([1 / 3, 2 / 3, 1], 0.05, "pocock")
    assert pocock.z[0] < found.z[0]
    assert pocock.z[-1] > found.z[-1]


def test_the_looks_spend_no_more_than_one_error() -> None:
    random = np.random.default_rng(1)
    steps = random.normal(size=(40_000, 3)) / math.sqrt(3)
    z = np.cumsum(steps, axis=1) / np.sqrt([1 / 3, 2 / 3, 1])
    crossed = (z >= np.array(group_sequential([1 / 3, 2 / 3, 1], 0.05).z)).any(axis=1)
    assert crossed.mean() == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("info", [[], [0.5], [0.6, 0.4, 1], [0.0, 1.0], [0.5, 0.5, 1]])
def test_shares_that_do_not_rise_are_refused(info: list[float]) -> None:
    with pytest.raises(ValueError, match="rise"):
        group_sequential(info)


def test_what_can_change_no_more() -> None:
    assert curtail(90, 0, 100, 90) == "pass"
    assert curtail(50, 11, 100, 90) == "fail"
    assert curtail(50, 10, 100, 90) == "open"
    with pytest.raises(ValueError, match="more than"):
        curtail(90, 20, 100, 90)


def fortunes(values: np.ndarray, **options: object) -> list[float]:
    return paired_eprocess(values.tolist(), len(values), **options)  # type: ignore[arg-type]  # keywords


@pytest.mark.no_cover
def test_random_order_shows_a_drop_early_and_no_change_rarely() -> None:
    random = np.random.default_rng(5)
    same = np.array([1.0] * 40 + [-1.0] * 40 + [0.0] * 920)
    worse = np.array([1.0] * 20 + [-1.0] * 120 + [0.0] * 860)
    false, found = 0, []
    for _ in range(100):
        false += max(fortunes(random.permutation(same))) >= 20
        path = fortunes(random.permutation(worse))
        found.append(next((at for at, f in enumerate(path) if f >= 20), len(path)))
    assert false / 100 <= 0.08
    assert np.median(found) < 500


@pytest.mark.no_cover
def test_not_inferior_within_a_margin() -> None:
    random = np.random.default_rng(6)
    same = np.array([1.0] * 30 + [-1.0] * 30 + [0.0] * 940)
    at_margin = np.array([1.0] * 10 + [-1.0] * 60 + [0.0] * 930)
    early = [
        next((at for at, f in enumerate(fortunes(random.permutation(same), null="inferior", margin=0.05)) if f >= 20), 1000)
        for _ in range(30)
    ]  # fmt: skip
    assert np.median(early) < 500
    false = sum(
        max(fortunes(random.permutation(at_margin), null="inferior", margin=0.05)) >= 20
        for _ in range(100)
    )
    assert false / 100 <= 0.09


def test_when_all_cases_were_seen_the_truth_is_certain() -> None:
    worse = [0.0] * 90 + [-1.0] * 10
    assert paired_eprocess(worse, 100)[-1] > 1
    assert paired_eprocess([1.0] * 100, 100)[-1] < 1
    assert paired_eprocess([-1.0] * 60, 100)[-1] == math.inf
    assert paired_eprocess([], 10) == []


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="of 1 cases"):
        paired_eprocess([0, 0], 1)
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        paired_eprocess([2], 1)

"""A verdict before all cases are run."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from regrade.analysis.comparison import compare
from regrade.analysis.gate.early import EarlyLook
from regrade.domain import EarlyVerdict, Run
from regrade.stats.more_intervals import clopper_pearson
from tests.analysis.comparing import case, of, run

N = 300


def looked(
    before: Run, after: Run, seed: int = 1, *, margin: float = 0.05, batch: int = 10
) -> EarlyVerdict | None:
    """Look at a run as it would have been made, in a random order."""
    look = EarlyLook(before, after.dataset, after.header.trials, margin=margin)
    order = list(after.dataset.cases)
    random.Random(seed).shuffle(order)
    look.begin(order)
    by_case: dict[str, list[object]] = {}
    for attempt in after.attempts:
        by_case.setdefault(attempt.case.id, []).append(attempt)
    attempts = [attempt for each in order for attempt in by_case[each.id]]
    for at in range(0, len(attempts), batch):
        if (found := look.see(attempts[at : at + batch])) is not None:  # type: ignore[arg-type]  # attempts
            return found
    return None


def rates(chance: random.Random, quality: Sequence[float]) -> list[bool]:
    return [chance.random() < each for each in quality]


def test_a_great_drop_is_seen_early_and_so_is_no_drop() -> None:
    before = of([n % 10 != 0 for n in range(N)])
    dropped = looked(before, of([n % 10 > 4 for n in range(N)], "b"))
    assert dropped is not None
    assert dropped.outcome == "worse"
    assert dropped.cases < N / 3
    assert (dropped.total, dropped.baseline, dropped.alpha) == (N, "a", 0.05)
    same = looked(before, of([n % 10 != 0 for n in range(N)], "b"), margin=0.1)
    assert same is not None
    assert same.outcome == "not_inferior"
    assert same.cases < N


def test_nothing_is_said_where_nothing_is_shown() -> None:
    before = of([n % 10 != 0 for n in range(40)])
    assert looked(before, of([n % 10 != 1 for n in range(40)], "b"), margin=0.0) is None


def test_slow_cases_are_waited_for_so_that_order_and_outcome_stay_strangers() -> None:
    before, after = of([True] * N), of([n > 100 for n in range(N)], "b")
    look = EarlyLook(before, after.dataset, 1, margin=0.05)
    look.begin(after.dataset.cases)
    assert look.see(after.attempts[1:]) is None, "the first case is not there yet"
    found = look.see(after.attempts[:1])
    assert found is not None
    assert found.outcome == "worse"


def test_what_nobody_judged_counts_against_either_claim() -> None:
    before = of([True] * N)
    unjudged: list[bool | None] = [None if n % 2 else True for n in range(N)]
    assert looked(before, of(unjudged, "b"), margin=0.05) is None
    failed = [bool(each) for each in unjudged]
    assert looked(before, of(failed, "b"), margin=0.05) is not None


def test_only_cases_of_both_that_the_baseline_judged_are_looked_at() -> None:
    bits: list[bool | None] = [True] * 50 + [None] * 50
    before = of(bits)
    after = run([(case(n), [True, False]) for n in range(200)], "b", trials=2)
    look = EarlyLook(before, after.dataset, 2, margin=0.05)
    assert look.total == 50
    look.begin(after.dataset.cases)
    assert look.see(after.attempts[150:]) is None
    found = look.see(after.attempts[:150])
    assert found is not None
    assert found.outcome == "worse"


def test_a_run_that_ended_early_is_not_compared_as_if_its_size_had_been_fixed() -> None:
    before, after = of([True] * N), of([n % 3 != 0 for n in range(N)], "b")
    cut = replace(after, header=replace(after.header, stopped_by="verdict"))
    found = compare(before, cut)
    assert found.verdict == "not_comparable"
    assert "ended at an early verdict" in found.obstacles[0]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "repeats", [30, pytest.param(600, marks=pytest.mark.long, id="many repeats")]
)
def test_noise_makes_a_verdict_as_seldom_as_promised(repeats: int) -> None:
    chance = random.Random(2)
    quality = [0.95 if n % 3 else 0.6 for n in range(200)]
    wrong = 0
    for seed in range(repeats):
        before, after = (of(rates(chance, quality), name) for name in "ab")
        found = looked(before, after, seed, margin=0.0, batch=20)
        total = (compare_rates(after) - compare_rates(before)) * len(quality)
        wrong += found is not None and (
            (found.outcome == "worse" and total >= 0)
            or (found.outcome == "not_inferior" and total <= 0)
        )
    assert clopper_pearson(wrong, repeats, 0.002).low <= 0.1, "5 % for each of the two claims"


def compare_rates(made: Run) -> float:
    return sum(attempt.outcome == "passed" for attempt in made.attempts) / len(made.attempts)

"""The gate keeps its promise: where nothing changed, it fails at most as often as it says, with judges
that are not sure of themselves, all slices looked at, and looks at growing data.
"""

import random
from collections.abc import Sequence

import pytest

from regrade.analysis.comparison import compare
from regrade.analysis.gate import judge_gate, levels_of, pooled
from regrade.domain import GateOutcome, GateRules, Run
from regrade.stats.more_intervals import clopper_pearson
from tests.analysis.comparing import case, run

RULES = GateRules(margin=0.0, by=("topic", "level"), margins={"criterion:right": 0.0})
CASES = [case(n) for n in range(60)]


def judged(chance: random.Random, quality: float, judge_errs: float, trials: int = 1) -> Run:
    """A system whose cases pass with a chance of their own, judged by somebody who errs now and then."""
    rows = []
    for each in CASES:
        hard = each.tags["level"] == "hard"
        passes = [chance.random() < quality * (0.7 if hard else 1.0) for _ in range(trials)]
        rows.append((each, [did != (chance.random() < judge_errs) for did in passes]))
    return run(rows, f"r{chance.random()}")


def said(before: Run, after: Run, level: float | None = None) -> GateOutcome:
    comparison = compare(before, after, margins={"": 0.0})
    return judge_gate(RULES, after, before, comparison, level=level).outcome


def said_at_three_looks(chance: random.Random, before: float, after: float) -> GateOutcome:
    """Buy further trials while it is undecided."""
    old: list[Run] = []
    new: list[Run] = []
    outcome: GateOutcome = "undecided"
    for level in levels_of(RULES):
        old.append(judged(chance, before, 0.1))
        new.append(judged(chance, after, 0.1))
        outcome = said(pooled(old), pooled(new), level)
        if outcome != "undecided":
            break
    return outcome


def surely_at_most(alarms: Sequence[bool], promised: float) -> bool:
    """Whether so many alarms do not contradict the promise (a thousandth at most by chance)."""
    return clopper_pearson(sum(alarms), len(alarms), 0.002).low <= promised


def alarms_at_one_look(seed: int, repeats: int, judge_errs: float, trials: int) -> list[bool]:
    chance = random.Random(seed)
    made = (
        said(judged(chance, 0.9, judge_errs, trials), judged(chance, 0.9, judge_errs, trials))
        for _ in range(repeats)
    )
    return [each == "fail" for each in made]


@pytest.mark.no_cover
def test_noise_fails_a_gate_as_seldom_as_promised() -> None:
    assert surely_at_most(alarms_at_one_look(7, 40, judge_errs=0.15, trials=1), 0.05)


@pytest.mark.no_cover
def test_a_real_drop_is_found_all_the_same() -> None:
    chance = random.Random(5)
    assert [said_at_three_looks(chance, 0.95, 0.6) for _ in range(5)] == ["fail"] * 5


@pytest.mark.long
@pytest.mark.parametrize(("judge_errs", "trials"), [(0.0, 1), (0.15, 1), (0.15, 3), (0.3, 2)])
def test_noise_fails_a_gate_as_seldom_as_promised_in_many_repeats(
    judge_errs: float, trials: int
) -> None:
    assert surely_at_most(alarms_at_one_look(11, 1500, judge_errs, trials), 0.05)


@pytest.mark.long
def test_noise_fails_a_gate_with_three_looks_as_seldom_as_promised_in_many_repeats() -> None:
    chance = random.Random(13)
    assert surely_at_most(
        [said_at_three_looks(chance, 0.9, 0.9) == "fail" for _ in range(700)], 0.05
    )

import random
from dataclasses import replace

import pytest

from regrade.analysis.gate import judge_gate
from regrade.analysis.noise import discordance_of, noise_of, power_of
from regrade.domain import GateRules, Grade
from tests.analysis.comparing import case, of, run


def flaky(seed: int, run_id: str) -> list[bool]:
    chance = random.Random(seed)
    return [n >= 40 or chance.random() < 0.5 for n in range(200)]


@pytest.mark.no_cover
def test_the_noise_of_a_suite_and_the_cases_that_make_it() -> None:
    runs = [of(flaky(seed, str(seed)), str(seed)) for seed in range(12)]
    found = noise_of(runs, GateRules(margin=0.02))
    assert (found.runs, found.cases) == (12, 200)
    assert found.discordance.value == pytest.approx(0.1, abs=0.05)
    assert {each.case for each in found.unsteady} <= {f"c{n}" for n in range(40)}
    assert len(found.unsteady) > 35
    assert sum(each.share for each in found.unsteady) == pytest.approx(1)
    assert any(each.is_flaky for each in found.unsteady)
    assert found.false_alarms is not None
    assert found.false_alarms.value is not None
    assert found.false_alarms.value <= 0.08
    assert found == noise_of(runs, GateRules(margin=0.02))


def test_judging_again_is_told_apart_from_the_application() -> None:
    first = of(flaky(1, "a"))
    same = noise_of([first, of(flaky(2, "b"), "b")], None, again=first)
    assert same.grading is not None
    assert same.grading.value == 0
    assert same.false_alarms is None
    changed = noise_of([first, first], None, again=of([not bit for bit in flaky(1, "a")]))
    assert changed.grading is not None
    assert changed.grading.value == 1


def test_a_steady_suite_has_no_noise() -> None:
    found = noise_of([of([True] * 30), of([True] * 30, "b")], GateRules(margin=0.0))
    assert found.discordance.value == 0
    assert found.unsteady == ()
    assert found.false_alarms is not None
    assert found.false_alarms.value == 0


def test_one_run_says_nothing_of_noise() -> None:
    with pytest.raises(ValueError, match="two runs"):
        noise_of([of([True])], None)
    with pytest.raises(ValueError, match="in common"):
        noise_of([of([True]), run([(case(7), [True])], "b")], None)


def test_what_cases_can_show_by_slice() -> None:
    cases = [case(n) for n in range(120)]
    rows = power_of(cases, None, discordance=0.1, margin=0.02, level=0.01)
    by_name = {row.name: row for row in rows}
    assert by_name["all cases"].cases == 120
    assert by_name["topic a"].cases == 40
    assert by_name["all cases"].detectable < by_name["topic a"].detectable  # type: ignore[operator]  # there
    assert by_name["all cases"].gate_detectable > by_name["all cases"].detectable  # type: ignore[operator]  # there
    assert by_name["all cases"].needed > 1000
    assert (
        power_of(cases[:2], ["level"], discordance=0, margin=0.02, level=None)[0].detectable is None
    )


@pytest.mark.long
def test_what_the_gate_says_it_shows_it_shows() -> None:
    """The smallest detectable drop, made: the gate fails in about four of five times."""
    rules, n, fails = GateRules(margin=0.0), 300, 0
    drop = judge_gate(rules, of([True] * n, "b"), of([True] * n), None).minimum_detectable_drop
    assert drop is not None
    from regrade.analysis.comparison import compare

    for seed in range(60):
        chance = random.Random(seed)
        before, after = of([True] * n), of([chance.random() >= drop for _ in range(n)], "b")
        fails += judge_gate(rules, after, before, compare(before, after)).outcome == "fail"
    assert 0.6 <= fails / 60 <= 0.97


def test_where_the_noise_is_known_from() -> None:
    first, second = of(flaky(1, "a")), of(flaky(2, "b"), "b", target_version="t-a")
    value, source = discordance_of([second, first])
    assert value > 0
    assert source == "the runs a and b"
    trials, source = discordance_of([run([(case(n), [True, n % 2 == 0]) for n in range(20)])])
    assert trials == pytest.approx(0.25)
    assert source == "the trials of a"
    assert "assumed" in discordance_of([])[1]


def test_what_nobody_judged_makes_no_noise() -> None:
    a = run([(case(n), [None, True] if n else [None, None]) for n in range(5)])
    judged = replace(a, attempts=[replace(x, grades=(*x.grades, Grade(True))) for x in a.attempts])
    found = noise_of([a, a], None, again=judged)
    assert found.cases == 4
    assert found.grading is not None
    assert discordance_of([run([(case(1), [None, True, False])])])[0] == pytest.approx(0.5)
    assert "assumed" in discordance_of([of([True]), of([True], "b", dataset_version="other")])[1]
    many = [case(n, tags={"id": str(n)}) for n in range(40)]
    rows = power_of(many, None, discordance=0.1, margin=0.02, level=None)
    assert [row.name for row in rows] == ["all cases"]
    chosen = power_of(many, ["id"], discordance=0.1, margin=0.02, level=None)
    assert len(chosen) == 41

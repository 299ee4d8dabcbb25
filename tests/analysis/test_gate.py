from dataclasses import replace

import pytest

from regrade.analysis.comparison import compare
from regrade.analysis.gate import judge_gate, levels_of, pooled
from regrade.domain import GateResult, GateRules, RuleResult, Run
from tests.analysis.comparing import case, of, run

GOOD = [n % 20 != 0 for n in range(400)]
"""95 % pass."""


def gate(rules: GateRules, candidate: Run, baseline: Run | None = None) -> GateResult:
    margins = {"": rules.margin} if rules.margin is not None else {}
    comparison = None if baseline is None else compare(baseline, candidate, margins=margins)
    return judge_gate(rules, candidate, baseline, comparison)


def only(result: GateResult) -> RuleResult:
    [rule] = result.rules
    return rule


def flipped(bits: list[bool], every: int) -> list[bool]:
    return [bit and n % every != 1 for n, bit in enumerate(bits)]


@pytest.mark.parametrize(
    ("passes", "n", "outcome"),
    [
        (50, 50, "pass"),
        (49, 50, "pass"),
        (48, 50, "undecided"),
        (42, 50, "undecided"),
        (30, 50, "fail"),
        (20, 20, "undecided"),
    ],
)
def test_a_floor_fails_and_passes_only_where_the_bounds_say_so(
    passes: int, n: int, outcome: str
) -> None:
    result = gate(GateRules(pass_rate_min=0.9), of([at < passes for at in range(n)]))
    assert only(result).outcome == result.outcome == outcome
    assert only(result).low < only(result).value <= only(result).high  # type: ignore[operator]  # there


def test_a_floor_that_so_few_cases_never_show_is_told() -> None:
    result = gate(GateRules(pass_rate_min=0.9), of([True] * 20))
    assert "even if all 20 cases pass, 90% is not shown; 29 cases would do" in result.warnings[0]
    assert gate(GateRules(pass_rate_min=0.9), of([True] * 29)).outcome == "pass"


def test_floors_of_criteria_and_trials() -> None:
    trials = run([(case(n), [n != 0, True, True]) for n in range(60)])
    result = gate(GateRules(pass_rate_min=0.9, criteria_min={"right": 0.5}), trials)
    assert [rule.outcome for rule in result.rules] == ["pass", "pass"]
    assert result.alpha == 0.025
    assert gate(GateRules(criteria_min={"nothing": 0.5}), trials).outcome == "undecided"


def test_a_regression_that_is_proven_fails_and_noise_does_not() -> None:
    rules = GateRules(margin=0.02)
    assert gate(rules, of(flipped(GOOD, 7), "b"), of(GOOD)).outcome == "fail"
    noisy = [bit if n not in (5, 9) else not bit for n, bit in enumerate(GOOD)]
    assert gate(rules, of(noisy, "b"), of(GOOD)).outcome in ("undecided", "pass")
    assert gate(rules, of(GOOD, "b"), of(GOOD)).outcome == "pass"


def test_a_tolerated_drop_passes_and_small_drops_never_fail() -> None:
    worse = flipped(GOOD, 16)
    assert gate(GateRules(margin=0.15), of(worse, "b"), of(GOOD)).outcome == "pass"
    assert gate(GateRules(margin=0.0), of(worse, "b"), of(GOOD)).outcome == "fail"
    assert (
        gate(GateRules(margin=0.0, min_drop=0.2), of(worse, "b"), of(GOOD)).outcome == "undecided"
    )


def test_slices_have_margins_of_their_own() -> None:
    worse = [bit and not (n % 3 == 0 and n % 2) for n, bit in enumerate(GOOD)]
    rules = GateRules(
        margin=0.3,
        by=("topic",),
        margins={"topic:a": 0.05, "level:hard": 0.5, "criterion:right": 0.3},
    )
    found = {rule.rule: rule.outcome for rule in gate(rules, of(worse, "b"), of(GOOD)).rules}
    assert found == {
        "no_regression": "pass",
        "no_regression level:hard": "pass",
        "no_regression criterion:right": "pass",
        "no_regression topic:a": "fail",
        "no_regression topic:b": "pass",
        "no_regression topic:c": "pass",
    }


def test_without_a_baseline_nothing_is_said_of_regressions() -> None:
    result = gate(GateRules(margin=0.02, no_critical_regression=True), of(GOOD))
    assert [rule.outcome for rule in result.rules] == ["undecided", "undecided"]
    incomparable = gate(
        GateRules(margin=0.02, no_critical_regression=True),
        of(GOOD[:10], "b"),
        run([(case(n + 900), [True]) for n in range(10)]),
    )
    assert incomparable.outcome == "undecided"
    assert "cases are the same" in incomparable.rules[0].words


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ([True], [False], "fail"),
        ([True], [True], "pass"),
        ([False], [False], "pass"),
        ([True, True], [True, False], "undecided"),
        ([True, False], [False, False], "undecided"),
    ],
)
def test_critical_cases_one_by_one(before: list[bool], after: list[bool], outcome: str) -> None:
    rules = GateRules(no_critical_regression=True)
    a = run(
        [(case(n, critical=n == 0), before if n == 0 else [True] * len(before)) for n in range(9)]
    )
    b = run(
        [(case(n, critical=n == 0), after if n == 0 else [True] * len(before)) for n in range(9)],
        "b",
    )
    assert gate(rules, b, a).outcome == outcome


def test_ceilings_of_time_and_money() -> None:
    timed = of(GOOD, cost=0.01)
    assert gate(GateRules(latency_p95_max_s=2), timed).outcome == "pass"
    assert gate(GateRules(latency_p95_max_s=1.1), timed).outcome == "fail"
    assert gate(GateRules(latency_p95_max_s=1), of(GOOD, latency_s=None)).outcome == "undecided"
    assert gate(GateRules(cost_max_usd=0.05), timed).outcome == "pass"
    assert gate(GateRules(cost_max_usd=0.01), timed).outcome == "fail"
    assert gate(GateRules(cost_max_usd=0.02), timed).outcome == "undecided"
    assert gate(GateRules(cost_max_usd=0.02), of(GOOD)).outcome == "undecided"


def test_ceilings_of_shares_speak_of_the_run_as_it_is() -> None:
    some = of([True, None, True, True])
    assert gate(GateRules(ungraded_max=0.25), some).outcome == "pass"
    assert gate(GateRules(ungraded_max=0.2), some).outcome == "fail"
    assert gate(GateRules(disallowed_max=0), some).outcome == "undecided"


def test_the_promise_is_kept_in_the_words_of_the_user() -> None:
    rules = GateRules(
        margin=0.02, pass_rate_min=0.5, false_blocks_per_month=1, commits_per_month=200
    )
    result = gate(rules, of(GOOD, "b"), of(GOOD))
    assert result.alpha == pytest.approx(0.0025)
    assert "at most 1 times in a month of 200 commits" in result.promise
    assert (
        "at most once in 20 times" in gate(GateRules(margin=0.02), of(GOOD, "b"), of(GOOD)).promise
    )


def test_what_could_never_be_decided_is_said_first() -> None:
    strict = GateRules(margin=0.01, false_blocks_per_month=1, commits_per_month=1000)
    warnings = gate(strict, of([True] * 9, "b"), of([True] * 9)).warnings
    assert any("9 cases can never fail it; 10 must get worse at least" in each for each in warnings)
    assert any("do not rule out a drop of more than 1%" in each for each in warnings)


def test_edges() -> None:
    assert gate(GateRules(), of([True])).outcome == "pass"
    one = gate(GateRules(margin=0.02), of([True], "b"), of([False]))
    assert one.outcome == "undecided"
    assert one.minimum_detectable_drop is None
    ungraded = gate(GateRules(pass_rate_min=0.5, margin=0.1), of([None], "b"), of([None]))
    assert ungraded.outcome == "undecided"
    assert replace(ungraded, blocks=True).blocks


@pytest.mark.long
def test_noise_fails_no_more_often_than_was_promised() -> None:
    import random

    chance, fails, rounds = random.Random(3), 0, 1500
    rules = GateRules(margin=0.0, by=("topic", "level"))
    for _ in range(rounds):
        rates = [chance.choice((0.5, 0.9, 1.0)) for _ in range(60)]
        a, b = ([chance.random() < rate for rate in rates] for _ in range(2))
        fails += gate(rules, of(b, "b"), of(a)).outcome == "fail"
    assert fails / rounds <= 0.05


def test_one_case_and_a_margin_of_nothing_are_told_in_words() -> None:
    warnings = gate(GateRules(margin=0.0), of([True], "b"), of([True])).warnings
    assert warnings[0] == "no_regression: 1 case can never fail it; 5 must get worse at least"
    assert "1 case does not rule out a drop of more than 0%" in warnings[1]
    assert "only a drop of more than a margin above 0 can be ruled out" in warnings[1]


def test_three_looks_share_one_error() -> None:
    levels = levels_of(GateRules(margin=0.02))
    assert levels == pytest.approx([0.00069, 0.0161, 0.0451], rel=0.01)  # z = 3.200, 2.141, 1.695
    shared = levels_of(GateRules(margin=0.02, pass_rate_min=0.5))
    assert all(each < other for each, other in zip(shared, levels, strict=True))


def test_a_look_decides_at_its_own_error_and_promises_the_whole() -> None:
    before, after = of(GOOD), of(flipped(GOOD, 60), "b")
    rules = GateRules(margin=0.0)
    comparison = compare(before, after, margins={"": 0.0})
    whole = judge_gate(rules, after, before, comparison)
    first = judge_gate(rules, after, before, comparison, level=levels_of(rules)[0])
    assert (whole.outcome, first.outcome) == ("fail", "undecided")
    assert whole.alpha == first.alpha == 0.05
    assert whole.promise == first.promise


def test_further_runs_are_further_trials() -> None:
    runs = [run([(case(n), [n % 5 != 0, True]) for n in range(50)], name) for name in "ab"]
    whole = pooled(runs)
    assert whole.header.trials == 4
    assert whole.summary.attempts == len(whole.attempts) == 200
    assert sorted({attempt.trial for attempt in whole.attempts}) == [0, 1, 2, 3]
    assert whole.summary.pass_rate.value == runs[0].summary.pass_rate.value
    assert pooled(runs[:1]) is runs[0]
    with pytest.raises(ValueError, match="no run"):
        pooled([])

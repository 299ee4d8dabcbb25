import random
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from regrade.analysis.comparison import compare, rank
from regrade.domain import Grade, GraderFailure, GraderSpec, Revision, Run, TargetFailure
from regrade.graders import contains, policy
from tests.analysis.comparing import WHOLE, case, of, run

BASE = [n % 5 != 0 for n in range(200)]
"""Four of five pass."""
WORSE = [bit and n % 7 != 1 for n, bit in enumerate(BASE)]
BETTER = [bit or n % 10 == 0 for n, bit in enumerate(BASE)]


def test_a_drop_that_is_there_is_told_with_its_cases() -> None:
    found = compare(of(BASE), of(WORSE, "b"))
    assert found.verdict == "worse"
    assert found.pass_rate.delta == pytest.approx(-len(found.regressed) / 200)
    assert found.pass_rate.low < found.pass_rate.delta < found.pass_rate.high < 0  # type: ignore[operator]  # there
    assert {each.case for each in found.regressed} == {
        f"c{n}" for n in range(200) if BASE[n] and not WORSE[n]
    }
    assert not found.fixed
    assert found.ship == "no"
    assert found.reasons[0].startswith("the pass rate is worse by")
    assert found.regressed[0].reasons == ("right: It is so.",)
    assert found.regressed[0].outputs == (
        f"answer a {found.regressed[0].case}",
        f"answer b {found.regressed[0].case}",
    )


def test_the_other_way_round_everything_turns() -> None:
    there, back = compare(of(BASE), of(BETTER, "b")), compare(of(BETTER, "b"), of(BASE))
    assert (there.verdict, back.verdict) == ("better", "worse")
    assert there.ship == "yes"
    assert there.pass_rate.delta == pytest.approx(-(back.pass_rate.delta or 0))
    assert there.pass_rate.low == pytest.approx(-(back.pass_rate.high or 0), abs=1e-9)
    assert there.pass_rate.p == pytest.approx(back.pass_rate.p)
    assert [c.case for c in there.fixed] == [c.case for c in back.regressed]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_a_run_against_itself_has_no_difference(bits: list[bool]) -> None:
    found = compare(of(bits), of(bits, "b"))
    assert found.pass_rate.delta == 0
    every = [found.pass_rate, *found.criteria.values()]
    every += [each for values in found.slices.values() for each in values.values()]
    assert {each.verdict for each in every} == {"not_enough_evidence"}
    assert found.ship == "undecided"


def test_with_a_margin_the_same_may_be_equivalent() -> None:
    many = [n % 5 != 0 for n in range(600)]
    found = compare(of(many), of(many, "b"), margins={"": 0.02, "topic:b": 0.001})
    assert found.verdict == "equivalent"
    assert found.ship == "yes"
    assert found.slices["topic"]["a"].verdict == "equivalent"
    assert found.slices["topic"]["b"].verdict == "not_enough_evidence"


def test_noise_is_told_as_what_it_is_with_what_would_help() -> None:
    noisy = [bit if n not in (3, 10, 20) else not bit for n, bit in enumerate(BASE)]
    found = compare(of(BASE), of(noisy, "b"))
    assert found.verdict == "not_enough_evidence"
    assert found.pass_rate.more is not None
    assert found.pass_rate.more > 0
    assert found.minimum_detectable_drop == pytest.approx(0.044, abs=0.005)


@pytest.mark.no_cover
def test_exchanging_two_systems_case_by_case_is_noise() -> None:
    """A difference that is real, taken away by chance: the verdict must not see it."""
    chance = random.Random(7)
    a, b = [n % 3 != 0 for n in range(120)], [n % 2 != 0 for n in range(120)]
    seen = 0
    for _ in range(30):
        flips = [chance.random() < 0.5 for _ in a]
        one = [y if f else x for x, y, f in zip(a, b, flips, strict=True)]
        two = [x if f else y for x, y, f in zip(a, b, flips, strict=True)]
        found = compare(of(one), of(two, "b"))
        seen += found.verdict in ("better", "worse")
    assert seen <= 4


def test_cases_are_paired_by_content_and_others_are_listed() -> None:
    before = run([(case(n), [True]) for n in range(40)])
    after_cases = [(replace(case(n), id=f"renamed-{n}"), [True]) for n in range(35)]
    after_cases += [(case(37, input="another question"), [False]), (case(50), [False])]
    found = compare(before, run(after_cases, "b"))
    assert found.pass_rate.n == 35
    assert found.changed == ("c37",)
    assert found.added == ("c50",)
    assert found.removed == ("c35", "c36", "c38", "c39")
    split = found.split
    assert split is not None
    assert split.total == pytest.approx(35 / 37 - 1)
    assert split.matched + split.added + split.removed == pytest.approx(split.total)
    assert found.verdict == "not_enough_evidence"


def test_too_few_of_the_same_cases_cannot_be_compared() -> None:
    found = compare(of(BASE[:50]), run([(case(n), [True]) for n in range(20, 90)], "b"))
    assert found.verdict == "not_comparable"
    assert found.ship == "undecided"
    assert "only 30 of 70 cases are the same" in found.obstacles[0]
    nothing = compare(of([True]), run([(case(9), [True])], "b"))
    assert nothing.verdict == "not_comparable"
    assert nothing.pass_rate.delta is None


def test_another_grader_is_named_with_the_way_out() -> None:
    other = contains(criterion="right", ignore_case=True).spec
    found = compare(of(BASE), of(WORSE, "b", spec=other))
    assert found.verdict == "not_comparable"
    assert "regrade grade a" in found.obstacles[0]
    assert found.criteria["right"].verdict == "not_comparable"
    assert "grader contains judges otherwise" in found.version_changes


def test_trials_are_one_case_each() -> None:
    a = run([(case(n), [True, True, n % 2 == 0]) for n in range(60)])
    b = run([(case(n), [True, n % 3 == 0, n % 2 == 0]) for n in range(60)], "b")
    found = compare(a, b)
    assert found.pass_rate.n == 60
    assert found.verdict == "worse"
    assert "stratified_exact" in found.pass_rate.method
    assert found.regressed[0].before == (3, 3)


def test_clusters_are_not_independent_cases() -> None:
    def clustered(bits: list[bool], run_id: str) -> Run:
        return run([(case(n, cluster=f"k{n // 20}"), [bit]) for n, bit in enumerate(bits)], run_id)

    alone, together = compare(of(BASE), of(WORSE, "b")), compare(clustered(BASE, "a"), clustered(WORSE, "b"))  # fmt: skip
    assert together.pass_rate.clusters == 10
    assert "signflip_exact" in together.pass_rate.method
    assert alone.pass_rate.clusters is None


def test_small_slices_are_told_by_their_counts() -> None:
    found = compare(of(BASE[:20]), of(WORSE[:20], "b"))
    assert found.slices["topic"]["a"].low is None
    assert found.slices["topic"]["a"].wins + found.slices["topic"]["a"].losses >= 0
    assert found.slices["topic"]["a"].verdict == "not_enough_evidence"


def test_where_regressions_concentrate() -> None:
    hard = [bit and n % 4 != 0 for n, bit in enumerate(BASE)]
    found = compare(of(BASE), of(hard, "b"))
    [first, *_] = found.concentrations
    assert (first.tag, first.value) == ("level", "hard")
    assert first.regressed == first.of == len(found.regressed)
    assert compare(of(BASE), of(WORSE, "b")).concentrations == ()


def test_a_critical_regression_is_enough_to_say_no() -> None:
    cases = [(case(n, critical=n == 7), [True]) for n in range(30)]
    broken = [(each, [each.id != "c7"]) for each, _ in cases]
    found = compare(run(cases), run(broken, "b"))
    assert found.verdict == "not_enough_evidence"
    assert found.ship == "no"
    assert found.regressed[0].critical
    assert "critical cases went from pass to fail: c7" in found.reasons


def test_latency_and_cost_are_a_trade_with_its_reasons() -> None:
    found = compare(of(BASE, cost=0.01), of(BETTER, "b", latency_s=1.5, cost=0.03, begins_s=10_000))
    assert found.operations.latency.value == pytest.approx(1.5)
    assert found.operations.cost.value == pytest.approx(3)
    assert not found.operations.interleaved
    assert found.operations.latency_p95.value == pytest.approx(1.5)
    assert found.ship == "yes"
    assert any(each.startswith("cost rose to 3.00 times") for each in found.reasons)
    assert any("not made at the same time" in each for each in found.reasons)
    together = compare(of(BASE), of(BASE, "b", begins_s=0.5))
    assert together.operations.interleaved
    assert compare(of(BASE[:9], latency_s=None), of(BASE[:9], "b")).operations.latency.value is None


def test_components_explain_the_change() -> None:
    before = of(BASE, failing={f"c{n}": "retrieval" for n in range(0, 200, 5)})
    now = {f"c{n}": "generation" for n in range(200) if not WORSE[n] and BASE[n]}
    after = of(WORSE, "b", failing=now | {f"c{n}": "retrieval" for n in range(0, 200, 5)})
    found = compare(before, after)
    assert found.components["generation"].verdict == "worse"
    assert found.components["retrieval"].delta == 0
    assert found.attribution["generation"].first_delta.value == pytest.approx(found.pass_rate.delta)
    assert found.attribution["retrieval"].own_delta.value == pytest.approx(0)
    assert found.failure_categories["generation"].increased


def test_the_simple_form_by_topic() -> None:
    before = run([(case(n), [True]) for n in range(30) if n % 3])
    after = run([(case(n), [n % 3 == 2]) for n in range(30)], "b")
    report = compare(before, after).topic_report(threshold=0.5)
    assert report.topic_deltas == {"b": -1.0, "c": 0.0, "a": None}
    assert report.regressions == ("b",)
    assert report.improvements == ()
    assert compare(before, after).topic_report(dimension="right").topic_deltas["b"] == -1
    with pytest.raises(KeyError):
        compare(before, after).topic_report(by="nothing")


def test_what_is_ungraded_on_one_side_is_not_compared() -> None:
    found = compare(of([True, None, True]), of([True, True, None], "b"))
    assert found.pass_rate.n == 1
    assert found.unjudged == 2


def test_several_runs_are_ranked_and_ties_marked() -> None:
    near = [bit if n != 3 else not bit for n, bit in enumerate(BASE)]
    ranked = rank([of(WORSE, "low"), of(BASE, "high"), of(near, "near")])
    assert [each.header.run_id for each in ranked] == ["high", "near", "low"]
    assert [each.tied_with_best for each in ranked] == [True, True, False]
    assert ranked[0].pass_rate.n == 200


def test_runs_that_broke_are_not_compared() -> None:
    broken = of(BASE, "b")
    broken = replace(broken, summary=replace(broken.summary, invalid_share=0.5))
    found = compare(of(BASE), broken)
    assert found.verdict == "not_comparable"
    assert "is not valid" in found.obstacles[0]


def test_the_whole_is_judged_by_the_same_grader() -> None:
    assert compare(of(BASE), of(BASE, "b", spec=WHOLE)).obstacles == ()


def test_errors_and_broken_graders_are_read_as_what_they_are() -> None:
    before = of([True] * 30)
    after = of([True] * 30, "b")
    fault = TargetFailure(kind="timeout", message="no answer")
    attempts = list(after.attempts)
    attempts[3] = replace(attempts[3], trace=replace(attempts[3].trace, error=fault))
    broken = GraderFailure(spec=WHOLE, error_type="E", message="m")
    for at in (4, 6):
        attempts[at] = replace(attempts[at], failures=(broken,))
    attempts[5] = replace(attempts[5], grades=(Grade(True), *attempts[5].grades))
    found = compare(before, replace(after, attempts=attempts))
    assert found.regressed[0].reasons == ("timeout: no answer",)
    assert found.regressed[0].outputs is not None
    assert found.regressed[0].outputs[1] == "timeout: no answer"
    assert found.criteria["right"].n == 28
    assert found.failure_categories["error: timeout"].after == 1


def test_everything_that_differs_between_the_versions_is_said() -> None:
    one = contains(criterion="right", name="one").spec
    two = contains(criterion="right", name="two").spec
    old = of([True] * 20, spec=one, trials=1, fingerprint={"prompt": "x", "tools": "y"}, label="a")
    new = run(
        [(case(n), [True, True]) for n in range(21)],
        "b",
        spec=two,
        fingerprint={"prompt": "z", "tools": "y"},
    )
    gold = replace(
        new, header=replace(new.header, suite=replace(new.header.suite, with_gold="retrieval"))
    )
    said = compare(old, gold).version_changes
    assert said[0] == "prompt changed"
    for each in ("grader two is new", "grader one is gone", "trials 1 → 2"):
        assert each in said
    assert any("known-good output of retrieval" in each for each in said)
    assert any(each.startswith("dataset ") for each in said)
    revised = [
        of([True] * 20, x, revision=Revision(commit=x * 40, subject=f"Do {x}")) for x in "ab"
    ]
    assert any("(Do b)" in each for each in compare(*revised).version_changes)


def test_nothing_judged_in_clusters() -> None:
    cases = [(case(n, cluster="k"), [None]) for n in range(3)]
    found = compare(run(cases), run(cases, "b"))
    assert found.pass_rate.delta is None
    assert found.verdict == "not_enough_evidence"
    assert found.split is None


def test_a_topic_that_went_away_is_left_out() -> None:
    before = run([(case(n), [True]) for n in range(30)])
    after = run([(case(n), [True]) for n in range(30) if n % 3], "b")
    assert "a" not in compare(before, after).topic_report().topic_deltas


def test_only_the_slices_that_the_suite_names_are_compared() -> None:
    after = of(WORSE, "b")
    chosen = replace(after.header, suite=replace(after.header.suite, slices=("level",)))
    assert [*compare(of(BASE), replace(after, header=chosen)).slices] == ["level"]


def test_judgements_of_nobody_count_for_the_outcome_alone() -> None:
    unsigned = GraderSpec(
        name="free",
        criterion=None,
        component=None,
        required=True,
        identity=WHOLE.identity,
        identity_key="k",
    )
    before, after = of([True] * 12, spec=unsigned), of([True] * 12, "b", spec=unsigned)
    found = compare(before, after)
    assert found.pass_rate.n == 12
    assert found.criteria == {}
    broken = [
        replace(a, failures=(GraderFailure(spec=unsigned, error_type="E", message="m"),) * 2)
        for a in after.attempts
    ]
    assert compare(before, replace(after, attempts=broken)).verdict == "not_enough_evidence"


def test_more_of_what_is_unwanted_is_worse() -> None:
    rules = policy(categories={"x": ["y"]}, criterion="right").spec
    found = compare(
        of([True] * 60, spec=rules), of([n % 3 != 0 for n in range(60)], "b", spec=rules)
    )
    leaked = found.dimensions["disallowed_content"]
    assert leaked.baseline == 0
    assert leaked.candidate == pytest.approx(1 / 3)
    assert leaked.delta == pytest.approx(1 / 3)
    assert 0 < leaked.low < 1 / 3 < leaked.high  # type: ignore[operator]  # there
    assert leaked.verdict == "worse"
    small = compare(of([None], spec=rules), of([None], "b", spec=rules))
    assert "disallowed_content" not in small.dimensions

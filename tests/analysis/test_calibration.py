"""Judges beside people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from regrade.analysis import summarize
from regrade.analysis.calibration import (
    Calibration,
    Evidence,
    calibrate,
    calibration_words,
    consensus,
    human_scores,
    items_of,
    judged_again,
    judged_criteria,
    own_family_fault,
    people_agreement,
    solved,
)
from regrade.analysis.calibration.choosing import choose
from regrade.analysis.calibration.items import judge_keys
from regrade.analysis.gate import Standing
from regrade.analysis.gate.absolute import against_floors
from regrade.analysis.gate.judges import against_judges
from regrade.analysis.judging import judge_summaries
from regrade.domain import (
    Attempt,
    GateRules,
    Grade,
    Label,
    LabelVerdict,
    Run,
    Span,
    Trace,
    answer_key,
)
from regrade.domain.grade import Rejudgement
from regrade.graders import contains, judge
from regrade.graders.judge.judge import is_own_family
from tests.analysis.comparing import case, run

SPEC = judge(rubric="tone", model="openai:m", criterion="right").spec
OTHER = contains(criterion="right", name="exact").spec
START = datetime(2026, 1, 1, tzinfo=UTC)


def judged(
    verdicts: Sequence[bool], *, scores: Sequence[int] | None = None, run_id: str = "a"
) -> Run:
    made = run([(case(n), [verdict]) for n, verdict in enumerate(verdicts)], run_id, spec=SPEC)
    attempts = []
    for at, attempt in enumerate(made.attempts):
        score = scores[at] if scores else (5 if verdicts[at] else 2)
        details = {"scores": {"tone": score}, "scales": {"tone": [1, 5]}, "votes": [verdicts[at]],
                   "asked": ["openai:m"], "served": ["m-1"], "cost_usd": 0.01}  # fmt: skip
        grade = Grade(verdicts[at], "So.", float(score), spec=SPEC, details=details)
        attempts.append(replace(attempt, grades=(grade,)))
    return replace(made, attempts=attempts, summary=summarize(made.header, attempts))


def label(
    attempt: Attempt, verdict: LabelVerdict, who: str = "ada", *, later: int = 0, **more: object
) -> Label:
    given = {
        "suite": "s",
        "criterion": "right",
        "case": attempt.case.id,
        "pairing_key": attempt.case.pairing_key,
        "answer": answer_key(attempt.trace),
        "verdict": verdict,
        "who": who,
        "labelled_at": START + timedelta(minutes=later),
        **more,
    }
    return Label(**given)  # type: ignore[arg-type]  # fields of a label


def measured(verdicts: Sequence[bool], human: Sequence[bool | None], **more: object) -> Calibration:
    made = judged(verdicts, **more)  # type: ignore[arg-type]  # options
    labels = [
        label(attempt, "pass" if said else "fail")
        for attempt, said in zip(made.attempts, human, strict=True)
        if said is not None
    ]
    return calibrate("right", items_of(made, "right"), consensus(labels, "right"))


def test_a_good_judge_is_good_enough_to_gate_and_a_perfect_one_is_stronger() -> None:
    human = [n % 3 != 0 for n in range(150)]
    perfect = measured(human, human)
    assert perfect.confusion == (100, 0, 0, 50)
    assert perfect.level == "L2"
    assert perfect.kappa is not None
    assert perfect.kappa.value == 1
    good = [(not bit) if n % 11 == 1 else bit for n, bit in enumerate(human)]
    assert measured(good, human).level == "L1"
    fair = [(not bit) if n % 5 == 1 else bit for n, bit in enumerate(human)]
    assert measured(fair, human).level == "L0"
    assert measured([True] * 150, human).level == "uncalibrated"


def test_a_judge_that_is_too_kind_is_corrected() -> None:
    human: list[bool | None] = [n % 4 != 0 for n in range(400)]
    kind = [bool(bit) or n % 8 == 0 for n, bit in enumerate(human)]
    some = [bit if n % 3 == 0 else None for n, bit in enumerate(human)]
    found = measured(kind, some)
    assert found.judged_pass / found.judged == 0.875
    assert found.corrected.interval.low < 0.75 < found.corrected.interval.high < 0.875
    assert found.slices[0].agree < found.slices[0].n
    assert found.needed > 50
    [line] = calibration_words(found)
    assert line.startswith("right: judged 87.5%, corrected 7")
    assert "by 134 labels" in line


def test_without_labels_a_judge_is_uncalibrated_and_says_so() -> None:
    found = measured([True, False], [None, None])
    assert (found.level, found.labelled, found.kappa, found.threshold) == ("uncalibrated", 0, None, None)  # fmt: skip
    [line] = calibration_words(found)
    assert line == (
        "right: judged 50.0%, uncalibrated: no person has labelled these answers (`regrade label`)"
    )
    one, more = calibration_words(measured([True, False], [True, None]))
    assert "by 1 label (uncalibrated)" in one
    assert "too few labels to trust its judge" in more
    nothing = calibrate("right", [], {})
    assert "judged nothing" in next(iter(calibration_words(nothing)))


def test_answers_in_the_judges_own_prompt_say_nothing_of_it() -> None:
    made = judged([True, False])
    labels = [label(attempt, "pass") for attempt in made.attempts]
    found = calibrate(
        "right",
        items_of(made, "right"),
        consensus(labels, "right"),
        Evidence(shown=frozenset({"answer a c0"})),
    )
    assert (found.labelled, found.shown) == (1, 1)


def test_a_threshold_is_chosen_on_one_half_and_told_on_the_other() -> None:
    scores = [1 + n % 5 for n in range(200)]
    human = [score >= 3 for score in scores]
    found = measured([score >= 4 for score in scores], human, scores=scores)
    assert found.threshold is not None
    assert found.threshold.at == 3
    assert found.threshold.agree == found.threshold.n == 100
    assert found.threshold.agree_now < 100


def test_the_last_word_of_a_person_counts_and_most_people_decide() -> None:
    [attempt] = judged([True]).attempts
    place = (attempt.case.pairing_key, answer_key(attempt.trace))
    changed = [label(attempt, "pass"), label(attempt, "fail", later=1)]
    assert consensus(changed, "right") == {place: False}
    split = [label(attempt, "pass"), label(attempt, "fail", "bo")]
    assert consensus(split, "right") == {}
    assert consensus([*split, label(attempt, "pass", "cy")], "right") == {place: True}
    assert consensus([label(attempt, "unsure")], "right") == {}
    assert consensus([label(attempt, "pass", criterion="other")], "right") == {}


def test_how_far_people_agree() -> None:
    made = judged([True] * 40)
    ada = [label(a, "pass" if n % 2 else "fail") for n, a in enumerate(made.attempts)]
    bo = [
        label(a, "pass" if n % 2 or n == 4 else "fail", "bo") for n, a in enumerate(made.attempts)
    ]
    unsure = label(made.attempts[0], "unsure", "cy")
    found = people_agreement([*ada, *bo, unsure], "right")
    assert found.people == ("ada", "bo", "cy")
    assert found.pair == ("ada", "bo")
    assert (found.items, found.unsure) == (40, 1)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.95)
    assert found.alpha == pytest.approx(0.95, abs=0.01)
    alone = people_agreement(ada, "right")
    assert (alone.kappa, alone.pair, alone.alpha) == (None, None, None)
    apart = people_agreement([ada[0], bo[1]], "right")
    assert (apart.kappa, apart.pair) == (None, None)


def test_failures_are_labelled_more_often_and_the_order_says_nothing() -> None:
    items = items_of(judged([n % 10 != 0 for n in range(200)]), "right")
    chosen = choose(items, (), 40, seed=3)
    fails = [each for each in chosen if not each.item.passed]
    assert len(chosen) == 40
    assert len(fails) == 16
    assert {each.probability for each in fails} == {16 / 20}
    assert {each.item.passed for each in chosen[:12]} == {True, False}
    known = {each.item.place for each in chosen}
    assert known.isdisjoint(each.item.place for each in choose(items, known, 40))
    assert len(choose(items[:3], (), 40)) == 3
    assert choose([], (), 5) == []


def test_only_what_judges_say_is_an_item_of_theirs() -> None:
    made = judged([True, False])
    exact = [
        replace(a, grades=(Grade(True, spec=OTHER), Grade(None, spec=SPEC))) for a in made.attempts
    ]
    bare = replace(made, attempts=[*exact, replace(made.attempts[0], trace=Trace())])
    assert len(items_of(bare, "right")) == 1
    assert len(items_of(bare, "right", any_grader=True)) == 3
    assert judged_criteria(bare) == ["right"]
    assert judged_criteria(replace(made, attempts=())) == []


def test_what_the_order_does_to_a_judge_of_pairs_is_told() -> None:
    made = judged([True] * 40)
    attempts = []
    for at, attempt in enumerate(made.attempts):
        places = ["first", "first"] if at < 12 else ["first", "second"]
        details = {"votes": ["first", "tie"], "places": places, "cost_usd": 0.0}
        attempts.append(replace(attempt, grades=(Grade(True, spec=SPEC, details=details),)))
    found = judge_summaries(attempts)["judge"]
    assert found.consistency is not None
    assert found.consistency.value == 0.7
    assert found.favours == "first"
    fair = judge_summaries(attempts[12:])["judge"]
    assert fair.favours is None


def test_what_judges_did_is_summed_up_by_dimension() -> None:
    found = judge_summaries(judged([True, True, False]).attempts)["judge"]
    assert (found.criterion, found.grades, found.votes, found.served) == ("right", 3, 3, ("m-1",))
    assert found.cost_usd == pytest.approx(0.03)
    assert found.scores["tone"].value == 4
    assert (found.split, found.addressed) == (0, 0)
    assert found.substitutes == ()
    assert replace(found, served=("m-1", "other-2")).substitutes == ("other-2",)
    assert replace(found, asked=()).substitutes == ()
    [attempt] = judged([True]).attempts
    odd = Grade(
        True, spec=SPEC,
        details={"votes": [True, False], "scores": {"x": 3}, "addresses_judge": True, "cost_usd": None},
    )  # fmt: skip
    other = judge_summaries([replace(attempt, grades=(odd, Grade(True, spec=OTHER)))])["judge"]
    assert (other.cost_usd, other.split, other.addressed) == (None, 1, 1)
    assert other.scores["x"].low is None, "nothing is known of its scale"
    trials = judged([True, False])
    twice = [
        replace(a, case=trials.attempts[0].case, trial=t) for t, a in enumerate(trials.attempts)
    ]
    assert judge_summaries(twice)["judge"].scores["tone"].low == 1


@pytest.mark.parametrize(
    ("level", "age_s", "outcome", "said"),
    [
        ("L1", 60.0, "pass", "has shown L1 with 80 labels"),
        ("L2", None, "pass", "has shown L2"),
        ("L0", 60.0, "undecided", "and L1 is asked for; 100 in all give ± 5 points"),
        ("L1", 7200.0, "undecided", "its newest label is 2 h 0 min old, and 1 h 0 min are allowed"),
    ],
)
def test_a_gate_asks_what_its_judges_have_shown(
    level: str, age_s: float | None, outcome: str, said: str
) -> None:
    rules = GateRules(judge_level="L1", judge_max_age_s=3600)
    standing = Standing(level=level, age_s=age_s, labels=80, needed=100)
    [rule] = against_judges(rules, {"right": standing})
    assert (rule.rule, rule.outcome) == ("judge right", outcome)
    assert said in rule.words


def test_a_gate_without_judges_has_nothing_to_ask() -> None:
    [rule] = against_judges(GateRules(judge_level="L1"), {})
    assert (rule.outcome, rule.words) == ("pass", "no language model judges")
    assert [*against_judges(GateRules(), {})] == []
    one = Standing(level="L0", age_s=None, labels=1, needed=1)
    [rule] = against_judges(GateRules(judge_level="L3"), {"right": one})
    assert rule.words == "its judge has shown L0 with 1 label, and L3 is asked for"


def own_family(
    models: Sequence[str | None], human: Sequence[bool], verdicts: Sequence[bool] | None = None
) -> Calibration:
    """A judge by OpenAI, that passes everything where nothing else is said, beside people."""
    made = judged(verdicts or [True] * len(models))
    attempts = [
        replace(a, trace=replace(a.trace, metadata={} if name is None else {"model": name}))
        for a, name in zip(made.attempts, models, strict=True)
    ]
    made = replace(made, attempts=attempts)
    labels = [label(a, "pass" if said else "fail") for a, said in zip(attempts, human, strict=True)]
    for attempt in attempts:
        [grade] = attempt.grades
        assert grade.details is not None
        details = {**grade.details, "asked": ["openai:gpt-5"]}
        object.__setattr__(grade, "details", details)
    return calibrate(
        "right",
        items_of(made, "right"),
        consensus(labels, "right"),
        Evidence(is_own=is_own_family),
    )


def test_a_judge_that_favours_its_own_family_is_told_and_does_not_gate() -> None:
    models = ["gpt-4o", "claude-5"] * 40
    fair = own_family(models, [n % 8 != 3 for n in range(80)])
    assert fair.own_answers == 40
    half = [n % 4 < 2 for n in range(80)]
    partial = own_family(models, half, [n % 2 == 0 or good for n, good in enumerate(half)])
    assert partial.own_family is not None
    assert partial.own_family.is_told
    assert partial.own_family.gap.gap == pytest.approx(0.5)
    assert "favours answers of its own family by 50.0 points" in str(own_family_fault(partial))
    alone = own_family(["openai:gpt-4o"] * 40, [n % 4 != 0 for n in range(40)])
    assert alone.own_family is not None
    assert (alone.own_family.others, alone.own_family.gap.gap) == (0, 0.25)
    few = own_family(["gpt-4o", *["claude-5"] * 39], [True] * 40)
    assert few.own_family is None
    assert "too few of them are labelled" in str(own_family_fault(few))
    unknown = own_family([None, "other"] * 20, [True] * 40)
    assert (unknown.own_answers, own_family_fault(unknown)) == (0, None)
    even = own_family(models, [True] * 80)
    assert own_family_fault(even) is None


def test_formatted_answers_may_be_favoured() -> None:
    made = judged([n % 2 == 0 for n in range(60)])
    attempts = [
        replace(a, trace=replace(a.trace, output=f"- one {n}\n- two" if n % 2 == 0 else f"one {n}; two"))
        for n, a in enumerate(made.attempts)
    ]  # fmt: skip
    made = replace(made, attempts=attempts)
    labels = [label(a, "pass" if n % 4 < 2 else "fail") for n, a in enumerate(attempts)]
    found = calibrate("right", items_of(made, "right"), consensus(labels, "right"))
    assert [bias.name for bias in found.biases if bias.is_told][-1] == "formatted answers"


def test_scores_of_people_correct_those_of_a_judge() -> None:
    scores = [1 + n % 5 for n in range(200)]
    made = judged([score > 3 for score in scores], scores=scores)
    people = [
        label(a, "pass", scores={"tone": max(1.0, float(s) - 1)})
        for a, s in zip(made.attempts[:60], scores, strict=False)
    ]
    second = [label(made.attempts[0], "pass", "bo", scores={"tone": 3.0})]
    both = human_scores([*people, *second], "right")
    assert both[people[0].pairing_key, people[0].answer] == {"tone": 2.0}
    human = human_scores(people, "right")
    [found] = calibrate("right", items_of(made, "right"), {}, Evidence(scores=human)).scores
    assert found.corrected is not None
    truth = sum(max(1, score - 1) for score in scores) / 200
    assert found.judged == 3
    assert found.corrected.interval.low <= truth <= found.corrected.interval.high < 3
    few = {place: human[place] for place in [*human][:5]}
    [waiting] = calibrate("right", items_of(made, "right"), {}, Evidence(scores=few)).scores
    assert (waiting.corrected, waiting.labelled) == (None, 5)


def again(attempt: Attempt, *, passed: bool | None, later: int = 0) -> Rejudgement:
    return Rejudgement(
        suite="s",
        criterion="right",
        judge="j",
        pairing_key=attempt.case.pairing_key,
        answer=answer_key(attempt.trace),
        passed=passed,
        served=None,
        judged_at=START + timedelta(days=later),
    )


def test_answers_judged_again_tell_flips_and_drift() -> None:
    verdicts = [n % 4 != 0 for n in range(40)]
    made = judged(verdicts)
    items = items_of(made, "right")
    human = {item.place: item.passed for item in items}
    assert judged_again(items, human, []) is None
    older = [again(a, passed=False) for a in made.attempts]
    steady = [
        again(a, passed=None if n == 0 else verdict if time else verdict != (n == 1), later=1)
        for time in range(3)
        for n, (a, verdict) in enumerate(zip(made.attempts, verdicts, strict=True))
    ]
    found = judged_again(items, human, [*older, *steady])
    assert found is not None
    assert (found.answers, found.times, found.flipped, found.failures) == (39, 3, 1, 3)
    assert (found.labelled, found.agreed_then, found.agreed_now) == (39, 39, 39)
    assert not found.has_drifted
    moved = judged_again(items, human, older)
    assert moved is not None
    assert (moved.times, tuple(moved.flips)) == (1, (0.0, 1.0))
    assert moved.has_drifted
    evidence = Evidence(again=moved)
    words = [*calibration_words(calibrate("right", items, human, evidence))]
    assert "its judge has drifted: on the same 40 labelled answers" in words[-1]
    silent = judged_again(items, human, [again(made.attempts[0], passed=None)])
    assert silent is not None
    assert (silent.times, silent.labelled) == (0, 0)


def test_a_judge_that_does_the_work_better_is_the_strongest() -> None:
    human = [n % 3 != 0 for n in range(150)]
    made = judged(human)
    system = run([(case(n), [n % 3 != 0]) for n in range(150)], "a", spec=OTHER)
    judge_itself = run([(case(n), [n % 9 != 0]) for n in range(150)], "own", spec=OTHER)
    better = solved(system, judge_itself)
    assert (better.cases, better.run_id) == (150, "own")
    assert better.is_stronger
    assert not solved(judge_itself, system).is_stronger
    assert solved(system, system).p == 1
    nothing = solved(made, judge_itself)
    assert (nothing.cases, nothing.own, nothing.p) == (0, 0, 1)
    items = items_of(made, "right")
    labels = {item.place: item.passed for item in items}
    assert calibrate("right", items, labels, Evidence(solver=better)).level == "L3"
    worse = solved(judge_itself, system)
    assert calibrate("right", items, labels, Evidence(solver=worse)).level == "L2"


def test_the_model_that_answered_is_read_from_its_spans() -> None:
    [attempt] = judged([True]).attempts
    spans = (Span(span_id="1", name="chat", kind="llm", start_s=0, duration_s=1, model="gpt-4o"),)
    traced = replace(attempt, trace=replace(attempt.trace, spans=spans))
    made = replace(judged([True]), attempts=[traced])
    [item] = items_of(made, "right")
    assert item.model == "gpt-4o"
    assert set(judge_keys(made)) == {"right"}


def test_a_judge_with_a_fault_stays_undecided() -> None:
    rules = GateRules(judge_level="L1")
    standing = Standing(level="L2", age_s=None, labels=80, needed=10, fault="it favours its own")
    [rule] = against_judges(rules, {"right": standing})
    assert (rule.outcome, rule.words) == ("undecided", "it favours its own")


@pytest.mark.parametrize(("least", "outcome"), [(0.6, "pass"), (0.9, "fail"), (0.72, "undecided")])
def test_a_floor_of_a_judged_criterion_is_held_against_what_people_would_say(
    least: float, outcome: str
) -> None:
    human: list[bool | None] = [n % 4 != 0 for n in range(400)]
    kind = [bool(bit) or n % 8 == 0 for n, bit in enumerate(human)]
    found = measured(kind, [bit if n % 3 == 0 else None for n, bit in enumerate(human)])
    standing = Standing(
        level="L1", age_s=None, labels=200, needed=10, corrected_at=found.corrected_at
    )
    rules = GateRules(criteria_min={"right": least})
    [rule] = against_floors(rules, judged(kind), 0.05, {"right": standing})
    assert rule.outcome == outcome
    assert "by people's verdicts" in rule.words
    assert "(the judge alone passes 87.5%)" in rule.words
    bare = replace(standing, corrected_at=None)
    [plain] = against_floors(rules, judged(kind), 0.05, {"right": bare})
    assert plain.value == 0.875

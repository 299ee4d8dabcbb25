"""Faults that graders elsewhere were found to have, each kept out by a test."""

import time

import pytest

from regrade.domain import Attempt, Case, Trace
from regrade.graders import (
    contains,
    matches,
    mentions,
    not_contains,
    number,
    refusal,
    similarity,
    topics,
)
from regrade.runner.grading import grade_trace

pytestmark = pytest.mark.anyio


async def test_a_negated_grader_turns_its_grade_around_and_never_an_abstention() -> None:
    case, trace = Case(input="q", expected={"answer": "yes"}), Trace(output="no, never")
    assert (await contains(not_=True).grade(case, trace)).passed is True
    assert (await contains(expected="never", not_=True).grade(case, trace)).passed is False
    assert (await contains(not_=True).grade(Case(input="q"), trace)).passed is None


async def test_a_negative_number_is_not_its_opposite() -> None:
    case = Case(input="q", expected={"answer": -31})
    assert (await number().grade(case, Trace(output="It rose by 31."))).passed is False


async def test_similarity_warns_that_a_negation_hardly_moves_it() -> None:
    case = Case(input="q", expected={"answer": "The plan can be cancelled at any time"})
    trace = Trace(output="The plan can not be cancelled at any time")
    grade = await similarity(metric="token_f1", min=0.9).grade(case, trace)
    assert grade.passed
    assert "Close\n    is not correct" in (similarity.__doc__ or "")
    assert (await contains().grade(case, trace)).passed is False


async def test_a_required_fail_is_never_outvoted() -> None:
    case = Case(input="q", expected={"must_mention": ["gone"]}, expected_topics=("refund",))
    trace = Trace(output="A refund is possible.")
    graders = [topics(), not_contains(expected="zebra"), matches(pattern="refund"), mentions()]
    judgement = await grade_trace(case, trace, graders)
    assert [grade.passed for grade in judgement.grades] == [True, True, True, False]
    assert Attempt(case=case, trace=trace, grades=judgement.grades).outcome == "failed"


async def test_refusals_are_not_only_english() -> None:
    case = Case(input="q", should_refuse=True)
    for text in (
        "Das darf ich Ihnen leider nicht sagen.",
        "Não posso ajudar com isso.",
        "抱歉，我无法回答。",
    ):
        assert (await refusal().grade(case, Trace(output=text))).passed, text


async def test_an_edit_distance_grows_with_the_text_and_a_ratio_does_not() -> None:
    for length in (10, 1000):
        reference = "a" * length
        off = "b" * (length // 10) + "a" * (length - length // 10)
        grader = similarity(metric="levenshtein", min=0.9, expected=reference)
        assert (await grader.grade(Case(input="q"), Trace(output=off))).passed


async def test_a_catastrophic_pattern_does_not_hang() -> None:
    hostile = Trace(output="a" * 40 + "!")
    began = time.perf_counter()
    assert (await matches(pattern=r"^(a+)+$").grade(Case(input="q"), hostile)).passed is False
    with pytest.raises(TimeoutError):
        await matches(pattern=r"^(?=(a|aa)+$)(a|aa)+\1$").grade(Case(input="q"), hostile)
    assert time.perf_counter() - began < 5

import pytest

from regrade.analysis.similar import group_failures
from regrade.domain import Attempt, Case, Grade, TargetFailure, Trace
from regrade.graders import json as json_grader, mentions, refusal
from regrade.stats import grouping

MENTIONS, REFUSAL = mentions(criterion="a").spec, refusal(criterion="a").spec
OPTIONAL = json_grader(required=False).spec


def failed(n: int, *reasons: tuple[object, str], error: str | None = None) -> Attempt:
    fault = None if error is None else TargetFailure(kind="timeout", message=error)
    grades = tuple(Grade(False, words, spec=spec) for spec, words in reasons)  # type: ignore[arg-type]  # specs
    return Attempt(case=Case(id=f"c{n}", input=n), trace=Trace(error=fault), grades=grades)


def failures() -> list[Attempt]:
    lacking = [
        failed(n, (MENTIONS, f"The answer does not mention “{n} euros a month”.")) for n in range(9)
    ]
    refused = [
        failed(n, (REFUSAL, f"The system refused where it should have answered: “sorry {n}”."))
        for n in range(10, 15)
    ]
    slow = [failed(n, error="no answer within 60 s") for n in range(20, 23)]
    odd = [failed(30, (MENTIONS, "Nothing of the kind was ever heard before."))]
    return [*lacking, *refused, *slow, *odd]


def test_failures_of_a_kind_are_one_group_whatever_they_quote() -> None:
    found = group_failures(failures())
    assert [len(group.attempts) for group in found.groups] == [9, 5, 3, 1]
    assert [group.terms[0] for group in found.groups] == [
        "mentions",
        "refusal",
        "timeout",
        "mentions",
    ]
    assert "refused" in found.groups[1].terms
    assert found.unseen == pytest.approx(1 / 18)
    ids = [a.case.id for group in found.groups for a in group.attempts]
    assert sorted(ids) == sorted(a.case.id for a in failures())


def test_the_order_of_failures_changes_nothing_but_the_order() -> None:
    forwards, backwards = group_failures(failures()), group_failures(failures()[::-1])
    assert {frozenset(a.case.id for a in g.attempts) for g in forwards.groups} == {
        frozenset(a.case.id for a in g.attempts) for g in backwards.groups
    }


def test_optional_graders_name_no_group() -> None:
    [group] = group_failures(
        [failed(1, (MENTIONS, "It is not there."), (OPTIONAL, "This is not JSON at all."))]
    ).groups
    assert "json" not in group.terms


def test_edges() -> None:
    assert group_failures([]).groups == ()
    assert group_failures([]).unseen is None
    [one] = group_failures([failed(1)]).groups
    assert one.terms[0] == "failed"
    assert len(group_failures(failures(), cut=0).groups) == 4
    assert len(group_failures(failures(), cut=1).groups) <= 2


def test_of_too_many_some_are_compared_and_the_others_join_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("regrade.analysis.similar.MOST", 10)
    monkeypatch.setattr(grouping, "MOST", 10)
    many = [
        failed(n, (MENTIONS, f"The answer does not mention the price {'of ' * n} plan"))
        for n in range(20)
    ] + [
        failed(n, (REFUSAL, f"Refused where an answer was expected {'again ' * n}"))
        for n in range(30, 50)
    ]
    found = group_failures(many)
    assert [len(g.attempts) for g in found.groups] == [20, 20]


def test_the_component_that_failed_tells_failures_apart() -> None:
    parts = [mentions(criterion="a", component=name).spec for name in ("retrieval", "generation")]
    some = [failed(n, (parts[n % 2], "It is missing.")) for n in range(8)]
    assert [len(g.attempts) for g in group_failures(some, cut=0.2).groups] == [4, 4]

"""What check says of cases: repeated, nearly repeated, contradictory, and what runs have shown."""

from pathlib import Path

import pytest

from regrade.analysis.items import ItemFindings
from regrade.api import blocking, check_suite, open_store, run_suite
from regrade.domain import Case, Json, Suite, ToolCall
from regrade.suites import by_experience, make_suite
from regrade.suites.checking.evidence import detectable
from regrade.suites.checking.similar import impossible, nearly_repeated, repeated
from tests.fakes.targets import FakeTarget

LONG = "How can I change the billing address of our company for all invoices of next year"


def case(id: str, text: Json, **more: Json) -> Case:
    return Case(id=id, input=text, **more)


def test_the_same_question_with_two_expectations_is_told() -> None:
    cases = [
        case("a", "q", expected={"answer": "1"}),
        case("b", "q", expected={"answer": "2"}),
        case("c", "q", expected={"answer": "1"}),
        case("d", "other"),
    ]
    said = [finding.message for finding in repeated(cases)]
    assert said[0].startswith("2 cases ask the same as another one, such as 'a' and 'b'")
    assert said[1].startswith(
        "1 questions are asked twice with different expectations, such as 'a' and 'b'"
    )
    assert list(repeated(cases[2:])) == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (LONG, LONG + "?", True),
        (LONG, LONG.replace("company", "firm"), True),
        (LONG + " 2026", LONG + " 2027", False),
        (LONG, "What is the price of the Team plan for a school with many members", False),
        ("short text", "short test", False),
    ],
)
def test_near_repetitions_are_found_and_other_numbers_are_other_questions(
    one: str, other: str, near: bool
) -> None:
    found = list(nearly_repeated([case("a", one), case("b", other)]))
    assert bool(found) is near
    assert not near or "'a' and 'b'" in found[0].message


@pytest.mark.no_cover
def test_many_cases_are_looked_through_in_no_time() -> None:
    cases = [
        case(f"c{n}", f"{LONG} for customer number {n} in the town {n % 91}") for n in range(3000)
    ]
    assert list(nearly_repeated(cases)) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"expected": {"must_mention": ["The profit"], "must_not_mention": "profit"}},
            "must and must not mention 'profit'",
        ),
        (
            {"expected_topics": ("a", "b"), "disallowed_topics": ("b",)},
            "expects and disallows the topic 'b'",
        ),
        (
            {"expected_tool_calls": (ToolCall(name="t"),), "forbidden_tool_calls": ("t",)},
            "expects and forbids the tool 't'",
        ),
    ],
)
def test_what_no_answer_can_pass_is_an_error(more: dict[str, Json], said: str) -> None:
    [finding] = impossible([case("fine", "x"), case("odd", "q", **more)])
    assert finding.level == "error"
    assert finding.message == f"a case contradicts itself: 'odd' {said}"
    [several] = impossible([case("odd", "q", **more), case("too", "q", **more)])
    assert several.message.startswith("2 cases contradict themselves")


def suite_of(n: int, answer: str = "ok", name: str = "items") -> Suite:
    from regrade.domain import Response

    return make_suite(
        {
            "name": name,
            "objective": "o",
            "criteria": ["right"],
            "dataset": [
                {"id": f"c{i}", "input": i, "expected": {"answer": "ok" if i else "bad"}}
                for i in range(n)
            ],
            "target": FakeTarget(
                lambda case: Response("bad" if str(case.input) in answer.split() else "ok"),
                version=answer,
            ),
            "graders": [{"type": "equals"}],
        },
        folder=Path(),
    )


@pytest.mark.parametrize(
    ("n", "said"),
    [(20, "can detect no drop"), (100, "8.8 points or more"), (400, "4.4 points or more")],
)
def test_the_smallest_detectable_drop_is_told(n: int, said: str) -> None:
    [finding] = detectable(suite_of(n))
    assert said in finding.message
    assert ("312 cases detect 5%" in finding.message) is (n < 312)


def test_earlier_runs_tell_of_the_cases(tmp_path: Path) -> None:
    """The best version alone fails case 0, whose label is wrong; case 3 never failed."""
    with open_store(tmp_path / "runs.db") as store:
        for answer in ("0 1 2", "0 2 4", "0 1 4", "none"):
            blocking(lambda answer=answer: run_suite(suite_of(6, answer), store=store))  # type: ignore[misc]
        findings = blocking(lambda: check_suite(suite_of(6), store))
    said = [finding.message for finding in findings]
    assert any(
        "2 of 6 cases never failed in 4 earlier runs of 4 versions" in each and "'c3'" in each
        for each in said
    )
    assert any(each.startswith("only the best versions fail 'c0'") for each in said)


def test_many_names_are_shortened() -> None:
    keys = tuple(f"k{n}" for n in range(8))
    found = ItemFindings(3, 1, never_failed=keys)
    [finding] = by_experience(found, {key: key.upper() for key in keys})
    assert "'K4' and 3 more" in finding.message

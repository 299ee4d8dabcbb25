"""The option `field`: one part of a JSON answer is judged instead of all of it."""

import pytest

from regrade.domain import Case, Json, Trace
from regrade.graders import Check, equals, length, one_of, refusal

pytestmark = pytest.mark.anyio
CASE = Case(input="q", expected={"answer": "yes"}, should_refuse=False)


@pytest.mark.parametrize(
    ("grader", "output", "passed", "said"),
    [
        (equals(field="a.b"), {"a": {"b": "yes"}}, True, "as expected"),
        (equals(field="a.1"), {"a": ["no", "yes"]}, True, "as expected"),
        (equals(field="a"), '{"a": "yes"}', True, "as expected"),
        (equals(field="a"), "yes", False, "is not JSON"),
        (equals(field="b"), {"a": "yes"}, False, "has no b: 'b' is not in a"),
        (equals(field="a.5"), {"a": ["yes"]}, False, "'5' is not in a list"),
        (equals(field="a"), {}, False, "not in an empty object"),
        (equals(field="b", not_=True), {"a": "yes"}, False, "has no b"),
        (length(field="a", max=1), {"a": "one", "b": "two three"}, True, "1 word"),
        (refusal(field="b"), {"answer": "I cannot help.", "b": "Sure."}, True, "answered"),
        (one_of(field="a", labels=["yes", "no"]), {"a": "Yes."}, True, "label"),
    ],
)
async def test_the_part_is_judged_and_a_missing_one_fails(
    grader: Check, output: Json, passed: bool, said: str
) -> None:
    grade = await grader.grade(CASE, Trace(output=output))
    assert grade.passed is passed, grade.reason
    assert said in grade.reason


def test_another_field_is_another_judge() -> None:
    keys = {equals(field=field).spec.identity_key for field in (None, "a", "b")}
    assert len(keys) == 3

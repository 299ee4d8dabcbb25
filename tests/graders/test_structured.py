import json

import jsonschema
import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Json, Trace
from regrade.graders import Check, fields, json as json_grader, json_schema
from regrade.graders.fields import read_date, read_rule
from regrade.graders.structured import violations_of

pytestmark = pytest.mark.anyio


async def judged(grader: Check, output: Json, **expected: Json) -> Grade:
    return await grader.grade(Case(input="q", expected=expected), Trace(output=output))


async def test_deeply_nested_json_fails_and_does_not_crash() -> None:
    assert (await judged(json_grader(), "[" * 200_000)).passed is False


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x, max_size=3),
    )
)
async def test_what_python_writes_is_json(value: Json) -> None:
    assert (await judged(json_grader(), json.dumps(value))).passed is True


SCHEMA = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer", "minimum": 0}},
}


@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, {"a": -1}, {"a": "1"}, {"a": 1, "b": None}, [], "a", {"a": 1.0}]
)
def test_violations_are_jsonschemas(value: Json) -> None:
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(value)
    assert (violations_of(SCHEMA, value) == []) is valid


async def test_every_violation_is_named_with_its_place() -> None:
    schema = {"properties": {"a": {"type": "string"}, "b": {"items": {"type": "integer"}}}}
    grade = await judged(json_schema(schema=schema), {"a": 1, "b": [1, "x"]})
    assert grade.issues == ("a: 1 is not of type 'string'", "b.1: 'x' is not of type 'integer'")


def test_a_schema_that_is_none_is_refused(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="not a JSON Schema"):
        json_schema(schema={"type": "strnig"})
    with pytest.raises(ValueError, match="cannot be read"):
        json_schema(schema="missing.json")


@pytest.mark.parametrize(
    ("rule", "found", "expected", "passes"),
    [
        ("equals", "B", "B", True),
        ("equals", 1, True, False),
        ("number", "1,000.00", 1000, True),
        ({"number": None, "rel_tol": 0.1}, 105, 100, True),
        ({"number": None, "rel_tol": 0.1}, 115, 100, False),
        ("number", "two 2 and 3", 2, False),
        ("date", "2026-05-03T10:00:00Z", "3 May 2026", True),
        ("date", "03/05/2026", "2026-05-03", False),
        ({"regex": "[A-Z]{2}"}, "AB", None, True),
        ({"regex": "[A-Z]{2}"}, "ABC", None, False),
        ("set", ["a", "b", "a"], ["b", "a"], True),
        ("set", ["a"], ["b", "a"], False),
        ("list", ["a", "b"], ["a", "b"], True),
        ("list", "ab", ["a", "b"], False),
        ({"any_of": ["x", "y"]}, "y", None, True),
        ({"any_of": ["x", "y"]}, "z", None, False),
        ("present", None, None, True),
        ("absent", 1, None, False),
    ],
)
async def test_rules(rule: Json, found: Json, expected: Json, passes: bool) -> None:
    grader = fields(rules={"f": rule})
    assert (await judged(grader, {"f": found}, f=expected)).passed is passes


async def test_paths_reach_into_lists_and_missing_fields_fail() -> None:
    grader = fields(
        rules={"items[1].sku": {"equals": "b"}, "total": {"number": "{{ expected.sum }}"}}
    )
    grade = await judged(grader, {"items": [{"sku": "a"}, {"sku": "b"}]}, sum=3)
    assert grade.passed is False
    assert grade.score == 0.5
    assert grade.issues == ("total is missing",)


@pytest.mark.parametrize(
    "rule", ["nearly", {}, {"equals": 1, "number": 2}, {"equals": 1, "abs_tol": 2}, 7]
)
def test_a_wrong_rule_is_refused(rule: Json) -> None:
    with pytest.raises(ValueError, match="rule for 'f'"):
        read_rule("f", rule)


@pytest.mark.parametrize(
    "text", ["2026-05-03", "3 May 2026", "May 3, 2026", "3. May 2026", "2026/05/03", "03.05.2026"]
)
def test_dates_are_read(text: str) -> None:
    found = read_date(text)
    assert found is not None
    assert found.isoformat() == "2026-05-03"


async def test_a_text_may_mention_the_fields() -> None:
    grader = fields(in_text=True)
    assert (await judged(grader, "Store B, definitely.", store="B")).passed is True
    assert (await judged(grader, "42", n=42)).passed is True
    assert (await judged(grader, "It was Best.", store="B")).passed is False

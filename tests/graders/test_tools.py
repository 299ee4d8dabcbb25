import itertools

import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Json, Span, ToolCall, ToolSpec, Trace
from regrade.graders import tool_calls
from regrade.graders.tools.matching import match

pytestmark = pytest.mark.anyio


def call(name: str, *, error: str | None = None, **arguments: Json) -> ToolCall:
    return ToolCall(name=name, arguments=arguments, error=error)


async def judged(
    made: list[ToolCall],
    expected: list[ToolCall],
    forbidden: list[str] | None = None,
    **options: Json,
) -> Grade:
    case = Case(
        input="q", expected_tool_calls=tuple(expected), forbidden_tool_calls=tuple(forbidden or ())
    )
    return await tool_calls(**options).grade(case, Trace(output="x", tool_calls=tuple(made)))


async def test_comparing_sets_of_names_is_not_enough() -> None:
    """The same names; one call is missing, and one has another's argument."""
    expected = [call("send", to="ana"), call("send", to="bob")]
    grade = await judged([call("send", to="ana"), call("send", to="ana")], expected)
    assert grade.passed is False
    assert grade.score == 0.5
    assert grade.issues == ("send was called, but to is “ana”, expected was “bob”",)


async def test_a_call_is_not_given_away_that_another_expectation_needs() -> None:
    expected = [call("f"), call("f", a=1)]
    assert (await judged([call("f", a=1), call("f", b=2)], expected)).passed


@pytest.mark.parametrize(
    ("made", "order", "label"),
    [
        ("abc", "any", None),
        ("cba", "any", None),
        ("axbxc", "in_order", None),
        ("acb", "in_order", "wrong order"),
        ("abc", "exact", None),
        ("abxc", "exact", "wrong order, extra call"),
        ("ab", "exact", "missing call"),
        ("abcc", "exact", "extra call"),
    ],
)
async def test_orders(made: str, order: str, label: str | None) -> None:
    grade = await judged([call(name) for name in made], [call(name) for name in "abc"], order=order)
    assert grade.label == label, grade.issues


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
async def test_as_many_calls_are_matched_as_can_be(expected: str, made: str) -> None:
    wanted, calls = [call(name) for name in expected], [call(name) for name in made]
    found = match(wanted, calls, "any", lambda a, b: a.name == b.name)
    assert len(found.made) == sum(min(expected.count(c), made.count(c)) for c in "abc")
    ordered = match(wanted, calls, "in_order", lambda a, b: a.name == b.name)
    longest = max(
        n
        for n in range(len(expected) + 1)
        for part in itertools.combinations(expected, n)
        if _is_subsequence(part, made)
    )
    assert len(ordered.made) == longest
    assert list(ordered.made.values()) == sorted(ordered.made.values())


def _is_subsequence(part: tuple[str, ...], whole: str) -> bool:
    rest = iter(whole)
    return all(each in rest for each in part)


@pytest.mark.parametrize(
    ("rule", "given_value", "fits"),
    [
        ({"number": None, "abs_tol": 0.5}, "9.8", True),
        ({"number": None, "abs_tol": 0.1}, 9.8, False),
        ({"regex": r"A-\d+"}, "A-12", True),
        ({"any_of": [1, 2]}, 2, True),
        ({"set": ["b", "a"]}, ["a", "b"], True),
        ({"default": 10}, 10, True),
        ({"default": 10}, 11, False),
        ("present", "anything", True),
    ],
)
async def test_arguments_may_have_rules(rule: Json, given_value: Json, fits: bool) -> None:
    grade = await judged([call("f", x=given_value)], [call("f", x=10)], rules={"f.x": rule})
    assert grade.passed is fits, grade.reason


async def test_a_default_may_be_left_out() -> None:
    assert (await judged([call("f")], [call("f")], rules={"f.limit": {"default": 10}})).passed
    assert (
        await judged([call("f", limit=5)], [call("f")], rules={"f.limit": {"default": 10}})
    ).passed is False


@pytest.mark.parametrize(
    ("made", "options", "label"),
    [
        ([call("pay")], {"requires": {"pay": ["check", "ask"]}}, "not permitted"),
        (
            [call("check", error="no"), call("pay")],
            {"requires": {"pay": ["check"]}},
            "not permitted",
        ),
        ([call("check"), call("pay")], {"requires": {"pay": ["check"]}}, None),
        (
            [call("f", n="x")],
            {"schemas": {"f": {"properties": {"n": {"type": "integer"}}}}},
            "malformed arguments",
        ),
        (
            [ToolCall(name="f", arguments="{broken")],
            {"schemas": {"f": {"type": "object"}}},
            "malformed arguments",
        ),
        ([call("f", n=1), call("f", n=1)], {"repeats": "forbid"}, "repeated call"),
        ([call("f", n=1), call("f", n=2)], {"repeats": "forbid"}, None),
        ([call("f", error="boom")], {"errors": "forbid"}, "error"),
        ([call("f", error="boom"), call("f")], {"errors": "recovered"}, None),
        ([call("f", error="boom"), call("g")], {"errors": "recovered"}, "error"),
        ([call("f")] * 4, {"max_calls": 3}, "too many calls"),
    ],
)
async def test_rules_hold_also_where_a_case_expects_nothing(
    made: list[ToolCall], options: dict[str, Json], label: str | None
) -> None:
    grade = await judged(made, [], **options)
    assert grade.label == label, grade.issues
    assert grade.passed is (label is None)


async def test_arguments_that_are_no_object_are_told() -> None:
    grade = await judged([ToolCall(name="f", arguments="{oops")], [call("f", a=1)])
    assert "its arguments are “{oops” and no object" in grade.reason


async def test_every_fault_is_told() -> None:
    grade = await judged(
        [call("wipe"), call("f", a=2)], [call("f", a=1), call("g")], ["wipe"], extra="forbid"
    )
    assert grade.label == "wrong argument, missing call, extra call, forbidden call"
    assert len(grade.issues) == 5
    assert grade.score == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rules": {"f": "present"}}, "names no argument"),
        ({"rules": {"f.x": "nonsense"}}, "it names one of"),
        ({"schemas": {"f": {"type": "nonsense"}}}, "no JSON Schema|not a JSON Schema"),
    ],
)
def test_rules_without_sense_are_refused(options: dict[str, Json], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tool_calls(**options)


async def test_arguments_are_held_against_the_schema_that_a_model_was_offered() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    broken = ToolSpec(name="other", parameters={"type": "objekt"})
    offered = (ToolSpec(name="find", parameters=schema), broken)
    spans = (Span(span_id="1", name="chat", kind="llm", tools=offered),)
    case = Case(input="q", expected_tool_calls=(ToolCall(name="find"),))
    for arguments, passed in (({"n": 1}, True), ({"n": "1"}, False), ({}, False)):
        calls = (ToolCall(name="find", arguments=arguments), ToolCall(name="other"))
        trace = Trace(output="x", tool_calls=calls, spans=spans)
        grade = await tool_calls().grade(case, trace)
        assert grade.passed is passed, grade
        assert passed or grade.label == "malformed arguments"
    own = tool_calls(schemas={"find": {"type": "object"}})
    trace = Trace(output="x", tool_calls=(ToolCall(name="find", arguments={}),), spans=spans)
    assert (await own.grade(case, trace)).passed

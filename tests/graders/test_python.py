import time

import pytest

from regrade.domain import Case, Grade, Trace
from regrade.graders import Check, all_of, any_of, contains, python

pytestmark = pytest.mark.anyio
CASE, TRACE = Case(input="q", expected={"answer": "a"}), Trace(output="a b")


@pytest.mark.parametrize(
    ("returned", "passed", "score", "label"),
    [
        (True, True, None, None),
        (False, False, None, None),
        (0.5, True, 0.5, None),
        (0.49, False, 0.49, None),
        (1, True, 1.0, None),
        ("pass", True, None, "pass"),
        ("No", False, None, "No"),
        ("tangent", None, None, "tangent"),
        (None, None, None, None),
        (Grade(False, "mine"), False, None, None),
    ],
)
async def test_what_a_function_may_return(
    returned: object, passed: bool | None, score: float | None, label: str | None
) -> None:
    grade = await python(call=lambda case, trace: returned).grade(CASE, TRACE)
    assert (grade.passed, grade.score, grade.label) == (passed, score, label)


@pytest.mark.parametrize("returned", [float("nan"), [True], object()])
async def test_what_a_function_may_not_return(returned: object) -> None:
    with pytest.raises((ValueError, TypeError), match="the function returned"):
        await python(call=lambda case, trace: returned).grade(CASE, TRACE)


async def test_functions_may_be_async_and_name_their_parameters_as_they_like() -> None:
    async def judge(c: Case, t: Trace) -> bool:
        return c.id == CASE.id and t.output == "a b"

    assert (await python(call=judge).grade(CASE, TRACE)).passed is True


async def test_a_blocking_function_holds_up_nobody() -> None:
    import anyio

    def slow(case: Case, trace: Trace) -> bool:
        time.sleep(0.3)
        return True

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(python(call=slow).grade, CASE, TRACE)
    assert time.perf_counter() - began < 3


def test_the_identity_changes_with_the_code_and_the_options() -> None:
    def a(case: Case, trace: Trace) -> bool:
        return True

    def b(case: Case, trace: Trace) -> bool:
        return False

    keys = {
        python(call=a).spec.identity_key,
        python(call=b).spec.identity_key,
        python(call=a, min=0.7).spec.identity_key,
    }
    assert len(keys) == 3
    assert (
        python(call=a, name="x", criterion="y", required=False).spec.identity_key
        == python(call=a).spec.identity_key
    )
    assert python(call=a, not_=True).spec.identity_key != python(call=a).spec.identity_key


def test_equal_graders_have_equal_identities() -> None:
    assert (
        contains().spec.identity_key == contains(expected="{{ expected.answer }}").spec.identity_key
    )
    assert contains(expected="x").spec.identity_key != contains().spec.identity_key


async def test_a_broken_member_breaks_the_group() -> None:
    def broken(case: Case, trace: Trace) -> bool:
        raise RuntimeError("boom")

    group: Check = any_of(graders=[contains(expected="zzz"), python(call=broken)])
    with pytest.raises(RuntimeError, match="boom"):
        await group.grade(CASE, TRACE)


async def test_members_cover_the_cases_that_they_cover() -> None:
    group = all_of(
        graders=[contains(expected="a"), contains(expected="zzz", when={"kind": "edge"})]
    )
    assert (await group.grade(CASE, TRACE)).passed is True
    assert (await group.grade(Case(input="q", kind="edge"), TRACE)).passed is False
    with pytest.raises(ValueError, match="members"):
        any_of(graders=[])


async def test_when_reads_tags_kind_and_difficulty() -> None:
    grader = contains(when={"topic": ["a", "b"], "difficulty": "hard"})
    assert grader.covers(Case(input="q", tags={"topic": "b"}, difficulty="hard"))
    assert not grader.covers(Case(input="q", tags={"topic": "c"}, difficulty="hard"))
    assert not grader.covers(Case(input="q", tags={"topic": "b"}))


def test_a_grader_without_a_judgement_cannot_be_made() -> None:
    class Silent(Check):
        type = "silent"

    with pytest.raises(TypeError, match="abstract"):
        Silent()  # type: ignore[abstract]  # what a plugin may do

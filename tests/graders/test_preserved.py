import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Json, Trace
from regrade.graders import preserves_numbers

pytestmark = pytest.mark.anyio


async def judged(text: str, *, of: Json, **options: Json) -> Grade:
    return await preserves_numbers(of=of, **options).grade(Case(input="q"), Trace(output=text))


@pytest.mark.parametrize(
    ("wanted", "text", "passed"),
    [
        (-0.31, "−31 %", True),
        (-0.31, "-31.0%", True),
        (-0.31, "31 %", False),
        (0.305, "31 %", True),
        (0.305, "30 %", True),
        (1234.5, "1,234.50", True),
        (1234.5, "1,235", True),
        (1234.5, "1,200", False),
        (12.37, "12", True),
        (12.37, "10", False),
        (7.4, "7", False),
        (5, "15 and 50", False),
        (0, "no 0 at all", True),
        ("4 of 9", "9 ... 4", True),
        ([1, {"a": [2, None, True]}], "1, 2", True),
    ],
)
async def test_numbers_are_the_same_by_value_and_by_rounding(
    wanted: Json, text: str, passed: bool
) -> None:
    assert (await judged(text, of=wanted)).passed is passed


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=8))
async def test_all_numbers_of_a_text_are_preserved_by_itself(numbers: list[int]) -> None:
    text = " and ".join(map(str, numbers))
    grade = await judged(text, of=numbers)
    assert grade.passed
    assert grade.score == 1


async def test_the_share_decides_and_the_lost_ones_are_named() -> None:
    grade = await judged("1 and 2", of=[1, 2, 33, 44], min=0.5)
    assert grade.passed
    assert grade.issues == ("lost 33", "lost 44")
    with pytest.raises(ValueError, match="share above 0"):
        preserves_numbers(min=0)


async def test_a_missing_path_is_an_abstention() -> None:
    grader = preserves_numbers(of="{{ context.total }}")
    assert grader.lacks(Case(input="q")) is not None
    assert (await grader.grade(Case(input="q", context={"total": 5}), Trace(output="5"))).passed
    assert preserves_numbers().lacks(Case(input="q", expected={"store": "B"})) is not None

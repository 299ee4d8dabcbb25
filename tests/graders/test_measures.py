import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Trace, Usage
from regrade.graders import Check, cost, length, tokens, topics

pytestmark = pytest.mark.anyio


async def judged(grader: Check, trace: Trace, **case: tuple[str, ...]) -> Grade:
    return await grader.grade(Case(input="q", **case), trace)  # type: ignore[arg-type]  # topics


@given(
    st.lists(st.text(alphabet="abc", min_size=1, max_size=5), max_size=30),
    st.integers(0, 30),
    st.integers(0, 30),
)
async def test_words_are_counted_within_their_bounds(words: list[str], low: int, high: int) -> None:
    low, high = min(low, high), max(low, high)
    grade = await judged(length(min=low, max=high), Trace(output="  ".join(words)))
    assert grade.score == len(words)
    assert grade.passed is (low <= len(words) <= high)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("No end", 1),
        ("One. Two! Three?", 3),
        ("It is 3.5 percent.", 1),
        ("He said “so.” Then he left.", 2),
        ("一句。两句！", 2),
        ("Wait… what?", 2),
        ("A (short.) And more", 2),
    ],
)
async def test_sentences_are_counted(text: str, sentences: int) -> None:
    grade = await judged(length(max=100, unit="sentences"), Trace(output=text))
    assert grade.score == sentences


@pytest.mark.parametrize(("low", "high"), [(None, None), (3, 2)])
def test_a_length_without_sense_is_refused(low: int | None, high: int | None) -> None:
    with pytest.raises(ValueError, match="length needs|no length is"):
        length(min=low, max=high)


@given(st.floats(0, 10), st.floats(0, 10))
async def test_a_higher_limit_never_fails_what_a_lower_one_passes(
    spent: float, limit: float
) -> None:
    trace = Trace(output="x", usage=Usage(cost_usd=spent, input_tokens=int(spent)))
    for narrow, wide in (
        (cost(max=limit), cost(max=limit + 1)),
        (tokens(max=int(limit)), tokens(max=int(limit) + 1)),
    ):
        assert (await judged(wide, trace)).passed or not (await judged(narrow, trace)).passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("Cancellations are free.", True),
        ("CANCEL it", True),
        ("I can celebrate", False),
        ("uncancelled", False),
        ("cancel", True),
    ],
)
async def test_a_stem_stands_for_every_word_that_begins_so(text: str, passed: bool) -> None:
    grader = topics(lexicon={"c": ["cancel*"]})
    assert (await judged(grader, Trace(output=text), expected_topics=("c",))).passed is passed


async def test_what_is_missing_and_what_is_too_much_are_told_apart() -> None:
    grade = await judged(
        topics(),
        Trace(output="about billing history"),
        expected_topics=("refund-policy",),
        disallowed_topics=("billing-history",),
    )
    assert grade.issues == ("lacks refund-policy", "covers billing-history")
    assert grade.score == 0

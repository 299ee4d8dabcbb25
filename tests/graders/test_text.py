import pytest
from hypothesis import given, strategies as st

from regrade.domain import Case, Grade, Json, Trace
from regrade.graders import Check, contains, equals, matches, mentions, not_contains, number, one_of
from regrade.graders.text.number import numbers_in
from regrade.graders.wording import find_whole, normalised, quoted

pytestmark = pytest.mark.anyio


async def judged(grader: Check, output: Json, **expected: Json) -> Grade:
    return await grader.grade(Case(input="q", expected=expected), Trace(output=output))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("“smart” ‘quotes’", "\"smart\" 'quotes'"),
        ("−31 %", "-31 %"),
        ("5–6 — 7", "5-6 - 7"),
        ("ﬁne", "fine"),
        ("a\u00a0b\u200b \n c", "a b c"),
        ("１２", "12"),
        ("e\u0301", "é"),
    ],
)
def test_two_spellings_are_one(a: str, b: str) -> None:
    assert normalised(a) == normalised(b)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(), st.integers(5, 80))
def test_a_quotation_is_one_short_line(text: str, limit: int) -> None:
    shown = quoted(text, limit)
    assert "\n" not in shown
    assert len(shown) <= max(limit + 3, len("an empty text"))


async def test_normalisation_can_be_switched_off() -> None:
    assert (await judged(equals(normalize=False), "It’s", answer="It's")).passed is False
    assert (await judged(contains(ignore_case=True), "ABC", answer="b")).passed is True
    assert (await judged(contains(), "ABC", answer="b")).passed is False


async def test_an_empty_text_is_not_contained_in_everything() -> None:
    with pytest.raises(ValueError, match="empty text"):
        await judged(contains(), "abc", answer="")
    with pytest.raises(TypeError, match="contains_all"):
        await judged(contains(), "abc", answer=["a"])


async def test_equals_compares_json_with_json() -> None:
    assert (await judged(equals(), '{"a": 1.0}', answer={"a": 1})).passed is True
    assert (await judged(equals(), "1", answer=True)).passed is False
    assert (await judged(equals(), "1", answer=1)).passed is True
    assert (await judged(equals(), "not json", answer=[1])).passed is False


async def test_not_contains_names_what_it_found() -> None:
    grade = await judged(not_contains(expected=["secret", "key"]), "the secret is out")
    assert grade.passed is False
    assert grade.issues == ("contains secret",)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("profit", "the profit fell", True),
        ("profit", "profitable", False),
        ("31", "31.5", False),
        ("31", "1,310", False),
        ("31", "it is 31.", True),
        ("31", "31, 32", True),
        ("-31%", "fell -31% today", True),
        ("退款", "请退款吧", True),
        ("c++", "we use c++ here", True),
        ("a_b", "a_b_c", False),
    ],
)
def test_a_mention_is_a_whole(phrase: str, text: str, found: bool) -> None:
    assert (find_whole(phrase, text) >= 0) is found


async def test_the_mentions_of_the_published_case() -> None:
    expected = {
        "must_mention": ["biggest revenue drop", "-31%"],
        "must_not_mention": ["profit", "customer churn"],
    }
    good = "Store B had the Biggest revenue drop: −31%."
    assert (await judged(mentions(), good, **expected)).passed is True
    bad = await judged(mentions(), "Store B lost profit.", **expected)
    assert bad.passed is False
    assert bad.issues == ("lacks biggest revenue drop", "lacks -31%", "mentions profit")
    assert bad.score == 0


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("$70,000 and €1.50", ["70000", "1.50"]),
        ("16-3=13", ["16", "3", "13"]),
        ("−5, -.5 and +2", ["-5", "-0.5", "2"]),
        ("1e-3 or 2E5", ["0.001", "2E+5"]),
        ("version b12, x7", []),
        ("12,34 and 1,2345", ["12", "34", "1", "2345"]),
        ("31% (31 %)", ["31", "31"]),
        ("A: 18.", ["18"]),
        ("none", []),
    ],
)
def test_numbers_are_found_in_text(text: str, numbers: list[str]) -> None:
    from decimal import Decimal

    found = [item.value for item in numbers_in(text)]
    assert found == [Decimal(n) for n in numbers]


@given(st.integers(-(10**9), 10**9))
async def test_every_integer_is_found_however_it_is_written(value: int) -> None:
    assert (await judged(number(), f"The total is {value:,}.", answer=value)).passed is True
    assert (await judged(number(), f"A: {value}", answer=str(value))).passed is True
    assert (await judged(number(), f"A: {value + 1}", answer=value)).passed is False


@given(st.floats(0.1, 1e6), st.floats(0, 1), st.floats(0, 0.5))
async def test_a_wider_tolerance_never_fails_what_a_narrower_one_passes(
    value: float, off: float, tolerance: float
) -> None:
    output = f"{value + off:.6f}"
    narrow = await judged(number(abs_tol=tolerance), output, answer=round(value, 6))
    wide = await judged(number(abs_tol=tolerance + 0.1), output, answer=round(value, 6))
    assert wide.passed or not narrow.passed


async def test_an_expectation_that_is_no_number_is_the_graders_failure() -> None:
    with pytest.raises(ValueError, match="not one number"):
        await judged(number(), "3", answer="three")


async def test_a_catastrophic_pattern_does_not_hang() -> None:
    assert (await judged(matches(pattern=r"^(a+)+$"), "a" * 40 + "!")).passed is False
    with pytest.raises(TimeoutError):
        await judged(matches(pattern=r"(?!b)((a{1,9}){1,9}){1,9}c"), "a" * 80)


async def test_patterns_run_on_hostile_text() -> None:
    assert (await judged(matches(pattern="x"), "\ud800x\0")).passed is True


@pytest.mark.parametrize("pattern", ["(", "", "a{2,1}", "*"])
def test_a_wrong_pattern_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        matches(pattern=pattern)


async def test_a_label_outside_the_set_is_a_mistake_of_the_dataset() -> None:
    with pytest.raises(ValueError, match="not among the labels"):
        await judged(one_of(labels=["a", "b"]), "a", answer="c")
    with pytest.raises(ValueError, match="labels"):
        one_of()

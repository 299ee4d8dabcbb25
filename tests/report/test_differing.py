"""Two answers as one text."""

import pytest
from hypothesis import given, strategies as st

from regrade.report.html.differing import MOST_WORDS, Piece, word_diff


def written(before: str, after: str) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return "".join(marks[each.kind].format(each.text) for each in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "gives"),
    [
        ("It costs 9 euros.", "It costs 16 euros.", "It costs [-9-][+16+] euros."),
        ("one two three", "one three", "one [-two -]three"),
        ("a b c", "x y c", "[-a b-][+x y+] c"),
        ("same", "same", "same"),
        ("", "new", "[+new+]"),
        ("gone", "", "[-gone-]"),
        ("", "", ""),
        ("営業中です", "休業中です", "[-営-][+休+]業中です"),
        ("snake_case(x)", "snake_case(y)", "snake_case([-x-][+y+])"),
    ],
)
def test_words_are_kept_gone_or_new(before: str, after: str, gives: str) -> None:
    assert written(before, after) == gives


@given(before=st.text(max_size=200), after=st.text(max_size=200))
def test_both_texts_can_be_read_out_of_the_one(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(p.text for p in pieces if p.kind != "new") == before
    assert "".join(p.text for p in pieces if p.kind != "gone") == after
    assert (word_diff(before, before) == [Piece("same", before)]) is bool(before)


def test_what_is_very_long_is_cut_and_says_so() -> None:
    [piece] = word_diff("word " * MOST_WORDS, "word " * MOST_WORDS)
    assert piece.text.endswith(" …")
    assert len(piece.text) < 5 * MOST_WORDS

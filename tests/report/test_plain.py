import pytest
from hypothesis import given, strategies as st

from regrade.report import one_line, printable


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "�red�"),
        ("\x1b]0;title\x07x", "�x"),
        ("a\rb\x08c\0", "a�b�c�"),
        ("\ud800", "�"),
        ("left\u202eright", "left�right"),
        ("grüße 退款 👍", "grüße 退款 👍"),
    ],
)
def test_nothing_steers_the_terminal(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


@given(st.text(alphabet=st.characters(), max_size=200), st.integers(2, 60))
def test_a_line_is_one_line_of_so_many_characters(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert "\x1b" not in line
    line.encode()

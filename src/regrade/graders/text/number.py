"""Numbers in answers: found in text, compared exactly or within a tolerance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import ClassVar, Literal

from regrade.domain import Case, Grade, Json, Trace, as_text
from regrade.graders.check import Check, Probe, filled, probe
from regrade.graders.wording import normalised, quoted

from .comparison import ANSWER

_NUMBER = re.compile(
    r"(?<![\w.])"  # not inside a word or after another number's point
    r"(?P<sign>[-+]?)\s?[$€£¥]?\s?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<exponent>[eE][-+]?\d+)?"
    r"(?P<percent>\s?%)?"
)
_DIGIT = re.compile(r"\d")
_BEFORE_DIGIT = 5
"""Characters of a number before its first digit: sign, space, currency, space, point."""


@dataclass(frozen=True, slots=True)
class Found:
    """A number as it stands in a text."""

    value: Decimal
    """Its face value: 31 for 31 %."""
    is_percent: bool
    """Whether a percent sign follows."""
    text: str
    """As it was written."""


def numbers_in(text: str) -> Iterator[Found]:
    """Give the numbers in a text from left to right: 1,234.5, −3, $70,000, 1e-3, 31 %.

    A minus sign counts where no digit, letter or bracket stands right before it: “16-3” holds 16
    and 3.
    """
    clean = normalised(text, keep_spaces=True)
    for match in _matches(clean):
        before = clean[match.start() - 1 : match.start()]
        negative = match["sign"] == "-" and not (before.isalnum() or before in {")", "]"})
        try:
            value = Decimal(match["digits"].replace(",", "") + (match["exponent"] or ""))
        except InvalidOperation:
            continue
        yield Found(-value if negative else value, match["percent"] is not None, match[0].strip())


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Give what `finditer` would, looking only where a digit is near: most text holds none."""
    place = 0
    while (digit := _DIGIT.search(text, place)) is not None:
        match = _NUMBER.search(text, max(place, digit.start() - _BEFORE_DIGIT))
        if match is None:
            return
        yield match
        place = match.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Check):
    """The answer holds the expected number.

    Reads the output as text (or a JSON number as it is) and takes its last, first or only number.
    “31 %” is both 31 and 0.31. Thousands are separated by commas, decimals by a point. An answer
    without a number fails. Abstains without an expectation. Score: none. Label: the number found.
    """

    type: ClassVar[str] = "number"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("16 - 3 = 13\nA: $1,300.", "pass", expected={"answer": "1300"}),
        probe("It fell by −31%", "pass", expected={"answer": -0.31}),
        probe("about 9.99", "pass", expected={"answer": 10}, abs_tol=0.05),
        probe("first 3, then 4", "fail", expected={"answer": 3}),
        probe("first 3, then 4", "pass", expected={"answer": 3}, take="first"),
        probe("first 3, then 4", "fail", expected={"answer": 4}, take="only"),
        probe("no idea", "fail", expected={"answer": 3}),
        probe("3", "abstain"),
    )

    expected: Json = ANSWER
    """The number: a value, a text that is one number, or a template."""
    abs_tol: float = 0
    """How far off the answer may be, in its own unit."""
    rel_tol: float = 0
    """How far off the answer may be, as a share of the expected number."""
    take: Literal["last", "first", "only"] = "last"
    """Which number of the answer counts; `only` fails an answer with several."""

    def __post_init__(self) -> None:
        if self.abs_tol < 0 or self.rel_tol < 0:
            raise ValueError("a tolerance cannot be negative")

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Find the number and compare it."""
        expected = read_number(filled(self.expected, case, trace))
        found = list(numbers_in(trace.output_text))
        if not found:
            return Grade(False, f"The answer holds no number: {quoted(trace.output_text)}.")
        if self.take == "only" and len({item.value for item in found}) > 1:
            return Grade(False, f"The answer holds {len(found)} numbers where one was asked for.")
        taken = found[0] if self.take == "first" else found[-1]
        if equal_number(taken, expected, abs_tol=self.abs_tol, rel_tol=self.rel_tol):
            return Grade(True, f"The answer is {taken.text}, as expected.", label=taken.text)
        return Grade(
            False, f"The answer is {taken.text}, expected was {expected}.", label=taken.text
        )


def read_number(value: Json) -> Decimal:
    """Read an expected number.

    Raises: ValueError when it is not one number.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    return _read_text(as_text(value))


@lru_cache(maxsize=1024)
def _read_text(text: str) -> Decimal:
    found = list(numbers_in(text))
    if len(found) != 1:
        raise ValueError(f"the expectation {text!r} is not one number")
    return found[0].value / 100 if found[0].is_percent else found[0].value


def equal_number(
    found: Found, expected: Decimal, *, abs_tol: float = 0, rel_tol: float = 0
) -> bool:
    """Whether a number in a text is the expected one, within the wider of the tolerances."""
    allowed = max(Decimal(str(abs_tol)), Decimal(str(rel_tol)) * abs(expected))
    values = (found.value, found.value / 100) if found.is_percent else (found.value,)
    return any(abs(value - expected) <= allowed for value in values)

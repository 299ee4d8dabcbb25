"""Numbers that must survive into the answer: key figures of a summary, say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Trace
from regrade.domain.errors import MissingPathError
from regrade.graders.check import Check, Probe, filled, probe
from regrade.graders.wording import listed

from .number import Found, numbers_in

_SIGNIFICANT = 2
_ROUNDINGS = ("ROUND_HALF_EVEN", "ROUND_HALF_UP")
_NOT_NUMBERS = frozenset({"must_mention", "must_not_mention", "canaries", "answer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PreservesNumbers(Check):
    """The numbers that the case names occur in the answer.

    Reads the numbers of `of` (by default those in `expected`), whatever its shape, and the output
    as text. Numbers are the same when their values are: 1,234.50 and 1234.5, −0.31 and −31 %. A
    number of the answer may also be rounded: to the decimals that it is written with, as long as
    two significant digits stay, so 12.4 and 12 stand for 12.37, but 10 does not. `ignore_sign`
    lets “fell by 31 %” stand for −0.31. Abstains when there is no number to preserve. Score: the
    share of the numbers that occur; passes from `min` on. Issues: each number that is lost.
    """

    type: ClassVar[str] = "preserves_numbers"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("It fell by −31 %.", "pass", expected={"delta": -0.31}),
        probe("It changed by -0.31.", "pass", expected={"delta": "-31%"}),
        probe("Revenue was $1,234.5 in 3 stores.", "pass", expected={"rows": [1234.5, "3 stores"]}),
        probe("About 12.4 million.", "pass", expected={"total": 12.37}),
        probe("About 10 million.", "fail", expected={"total": 12.37}),
        probe("It fell by 31 %.", "fail", expected={"delta": -0.31}),
        probe("It fell by 31 %.", "pass", expected={"delta": -0.31}, ignore_sign=True),
        probe("One of them is 5.", "fail", expected={"a": 5, "b": 7}),
        probe("One of them is 5.", "pass", expected={"a": 5, "b": 7}, min=0.5),
        probe("It is 7.", "abstain", expected={"store": "B"}),
        probe("It is 7.", "abstain", of="{{ context.rows }}"),
    )

    of: Json = None
    """What holds the numbers: a value or a template, such as `{{ context.rows }}`; left out,
    `expected`."""
    min: float = 1.0
    """The share of the numbers that must occur."""
    ignore_sign: bool = False
    """Whether a number may stand without its minus sign."""

    def __post_init__(self) -> None:
        if not 0 < self.min <= 1:
            raise ValueError(f"`min` is {self.min}; it is a share above 0 and up to 1")

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        if self.of is not None:
            return Check.lacks(self, case)
        return None if any(_numbers(_own(case))) else "`expected` holds no number"

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each number."""
        source = _own(case) if self.of is None else filled(self.of, case, trace)
        wanted = [*dict.fromkeys(_numbers(source))]
        if not wanted:
            raise MissingPathError("there is no number to preserve")
        found = list(numbers_in(trace.output_text))
        lost = [str(each) for each in wanted if not self._is_in(each, found)]
        score = 1 - len(lost) / len(wanted)
        issues = tuple(f"lost {each}" for each in lost)
        if not lost:
            return Grade(True, f"All numbers ({len(wanted)}) are in the answer.", score)
        said = f"{len(lost)} of {len(wanted)} numbers are not in the answer: {listed(lost)}."
        return Grade(score >= self.min, said, score, issues=issues)

    def _is_in(self, wanted: Decimal, found: list[Found]) -> bool:
        return any(_is_same(value, wanted) for each in found for value in _readings(each)) or (
            self.ignore_sign and wanted < 0 and self._is_in(-wanted, found)
        )


def _own(case: Case) -> Json:
    return {name: value for name, value in case.expected.items() if name not in _NOT_NUMBERS} or {
        "answer": case.expected.get("answer")
    }


def _numbers(value: Json) -> Iterator[Decimal]:
    """Give the numbers in a value, a percentage as a share."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield Decimal(str(value))
    elif isinstance(value, str):
        yield from (
            each.value / 100 if each.is_percent else each.value for each in numbers_in(value)
        )
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    else:
        for item in value:
            yield from _numbers(item)


def _readings(found: Found) -> Iterator[Decimal]:
    """Give what a number in the answer may stand for, with the digits that it is written with."""
    yield found.value
    if found.is_percent:
        yield found.value.scaleb(-2)


def _is_same(value: Decimal, wanted: Decimal) -> bool:
    if value == wanted:
        return True
    if len(value.as_tuple().digits) < _SIGNIFICANT:
        return False
    return any(wanted.quantize(_unit(value), rounding=way) == value for way in _ROUNDINGS)


def _unit(value: Decimal) -> Decimal:
    """The last digit that a number is written with: 0.1 for 12.4."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "numbers in texts are finite"
    return Decimal(1).scaleb(exponent)

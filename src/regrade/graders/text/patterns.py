"""Patterns: linear time where the pattern allows it, a time limit where it does not."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

import re2

from regrade.domain import Case, Grade, Trace
from regrade.graders.check import Check, Probe, filled, probe
from regrade.graders.wording import normalised, quoted

TIMEOUT_S = 1.0
"""Seconds that a pattern with look-around or back-references may take on one text."""


class _Match(Protocol):
    def group(self) -> str: ...


class _Linear(Protocol):
    def search(self, text: str) -> _Match | None: ...
    def fullmatch(self, text: str) -> _Match | None: ...


class _Backtracking(Protocol):
    def search(self, string: str, *, timeout: float) -> _Match | None: ...
    def fullmatch(self, string: str, *, timeout: float) -> _Match | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches(Check):
    r"""The answer matches a regular expression, anywhere or (`full`) as a whole.

    Reads the output as text. Patterns run on RE2, in time linear in the text; patterns with
    look-around or back-references, which RE2 has not, run on `regex` with a limit of one second,
    and a pattern that takes longer is a grader failure. Capitals count unless the pattern begins
    with `(?i)` or `ignore_case` is set. Never abstains on an output that was captured. Score: none.
    """

    type: ClassVar[str] = "matches"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("Order A-1234 is on its way", "pass", pattern=r"\bA-\d{4}\b"),
        probe("Order A-12 is on its way", "fail", pattern=r"\bA-\d{4}\b"),
        probe("A-1234 it is", "fail", pattern=r"A-\d{4}", full=True),
        probe("price: 5", "pass", pattern=r"(?<=price: )\d"),
        probe({"a": 1}, "pass", pattern=r'"a": 1'),
        probe("x", "abstain", pattern="{{ expected.pattern }}"),
    )

    pattern: str
    """The regular expression; templates are filled in as they are."""
    full: bool = False
    """Whether the whole answer must match."""
    ignore_case: bool = False
    """Whether capitals and small letters are the same."""
    normalize: bool = True
    """Whether quotes, dashes, minus signs and Unicode forms are brought to one spelling first;
    spaces stay."""

    def __post_init__(self) -> None:
        if not self.pattern:
            raise ValueError("`pattern` is empty, and would match everything")
        if "{{" not in self.pattern:
            find(self.pattern, "", full=False, ignore_case=False)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Match the answer."""
        text = (
            normalised(trace.output_text, keep_spaces=True) if self.normalize else trace.output_text
        )
        pattern = str(filled(self.pattern, case, trace))
        match = find(pattern, text, full=self.full, ignore_case=self.ignore_case)
        if match is None:
            return Grade(
                False, f"The answer does not match the pattern {quoted(pattern)}: {quoted(text)}."
            )
        return Grade(
            True, f"The answer matches the pattern {quoted(pattern)} with {quoted(match, 40)}."
        )


def find(pattern: str, text: str, *, full: bool, ignore_case: bool) -> str | None:
    """Give the first part of a text that a pattern matches, or None.

    Raises: ValueError when the pattern is wrong, TimeoutError when it takes too long.
    """
    flags = "(?i)" if ignore_case else ""
    if (linear := _linear(flags + pattern)) is not None:
        # RE2 reads UTF-8, which has no lone surrogates
        safe = text if text.isascii() else text.encode("utf-8", "replace").decode()
        match = linear.fullmatch(safe) if full else linear.search(safe)
    else:
        slow = _backtracking(flags + pattern)
        match = (slow.fullmatch if full else slow.search)(text, timeout=TIMEOUT_S)
    return None if match is None else match.group()


@lru_cache(maxsize=256)
def _linear(pattern: str) -> "_Linear | None":
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: _Linear = re2.compile(pattern, options)
        return compiled
    except re2.error:
        return None


@lru_cache(maxsize=256)
def _backtracking(pattern: str) -> "_Backtracking":
    import regex  # noqa: PLC0415  only patterns with look-around pay for it

    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"the pattern {pattern!r} is no regular expression: {error}") from None

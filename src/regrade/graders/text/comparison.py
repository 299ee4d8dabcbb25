"""Graders that compare texts: the whole answer, or what it contains."""

from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import NOT_CAPTURED, Case, Grade, Json, Trace, as_text
from regrade.domain.errors import NotJsonError
from regrade.graders.check import Check, Probe, filled, filled_list, probe
from regrade.graders.wording import listed, normalised, quoted

ANSWER = "{{ expected.answer }}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison(Check):
    """The options of graders that compare with one text."""

    expected: Json = ANSWER
    """What to compare with: a value or a template."""
    ignore_case: bool = False
    """Whether capitals and small letters are the same."""
    normalize: bool = True
    """Whether quotes, dashes, minus signs, spaces and Unicode forms are brought to one spelling
    first."""

    def spelt(self, text: str) -> str:
        """Give a text in the spelling that is compared."""
        if self.normalize:
            return normalised(text, ignore_case=self.ignore_case)
        return text.casefold() if self.ignore_case else text

    def wanted(self, case: Case, trace: Trace) -> str:
        """Give the one text to look for, as it was written."""
        value = filled(self.expected, case, trace)
        if isinstance(value, list):
            raise TypeError(
                f"{self.type} compares with one text but `expected` is a list; use contains_all or contains_any"
            )
        text = as_text(value)
        if not text.strip():
            raise ValueError(
                f"{self.type} was given an empty text to look for, which everything contains"
            )
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals(_Comparison):
    """The whole answer is the expected one.

    Reads the output: as text when a text is expected, else as JSON, where 1 equals 1.0 and true is
    not 1. Abstains without an expectation. Score: none.
    """

    type: ClassVar[str] = "equals"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe(" It’s 5–6\n", "pass", expected={"answer": "It's 5-6"}),
        probe({"a": [1.0]}, "pass", expected={"answer": {"a": [1]}}),
        probe("billing, I think", "fail", expected={"answer": "billing"}),
        probe("", "fail", expected={"answer": "billing"}),
        probe("true", "fail", expected={"answer": 1}),
        probe("billing", "abstain"),
        probe(NOT_CAPTURED, "abstain", expected={"answer": "billing"}),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the whole answer."""
        expected = filled(self.expected, case, trace)
        if isinstance(expected, str):
            equal = self.spelt(trace.output_text) == self.spelt(expected)
        else:
            try:
                equal = same_json(trace.output_json, expected)
            except NotJsonError:
                equal = False
        found = f"The answer is {quoted(trace.output_text)}"
        return Grade(
            equal,
            f"{found}, as expected."
            if equal
            else f"{found}, expected was {quoted(as_text(expected))}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartsWith(_Comparison):
    """The answer begins with the expected text.

    Reads the output as text. Abstains without an expectation. Score: none.
    """

    type: ClassVar[str] = "starts_with"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("Yes, you can.", "pass", expected={"answer": "Yes"}),
        probe("Oh yes", "fail", expected={"answer": "Yes"}),
        probe("Yes", "abstain"),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the beginning."""
        wanted = self.wanted(case, trace)
        starts = self.spelt(trace.output_text).startswith(self.spelt(wanted))
        if starts:
            return Grade(True, f"The answer begins with {quoted(wanted)}.")
        return Grade(
            False,
            f"The answer begins with {quoted(trace.output_text, 40)} and not with {quoted(wanted)}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(_Comparison):
    """The answer contains the expected text anywhere, also inside a word.

    Reads the output as text. Abstains without an expectation. Score: none.
    """

    type: ClassVar[str] = "contains"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("It takes 14 days.", "pass", expected={"answer": "14 days"}),
        probe("It takes 30 days.", "fail", expected={"answer": "14 days"}),
        probe("It takes 30 days.", "abstain", expected={"other": 1}),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for the text."""
        wanted = self.wanted(case, trace)
        if self.spelt(wanted) in self.spelt(trace.output_text):
            return Grade(True, f"The answer contains {quoted(wanted)}.")
        return Grade(
            False, f"The answer does not contain {quoted(wanted)}: {quoted(trace.output_text)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotContains(_Comparison):
    """The answer does not contain the given text or any of the given texts.

    Reads the output as text. Abstains without an expectation or with an empty list. Score: none.
    """

    type: ClassVar[str] = "not_contains"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("Here is the plan.", "pass", expected={"answer": "As an AI"}),
        probe("As an AI, I cannot.", "fail", expected={"answer": ["sorry", "As an AI"]}),
        probe("Here is the plan.", "abstain", expected={"answer": []}),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each text."""
        unwanted = [as_text(item) for item in filled_list(self.expected, case, trace)]
        text = self.spelt(trace.output_text)
        found = [item for item in unwanted if self.spelt(item) in text]
        if found:
            return Grade(
                False,
                f"The answer contains {listed(found)}.",
                issues=tuple(f"contains {i}" for i in found),
            )
        return Grade(True, f"The answer contains none of {listed(unwanted)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Several(Check):
    """The options of graders that look for several texts."""

    of: Json = "{{ expected.answer }}"
    """The texts: a list or a template that gives one."""
    ignore_case: bool = False
    """Whether capitals and small letters are the same."""
    normalize: bool = True
    """Whether quotes, dashes, minus signs, spaces and Unicode forms are brought to one spelling
    first."""

    def sorted_out(self, case: Case, trace: Trace) -> tuple[list[str], list[str]]:
        """Give the texts that the answer contains, and those that it does not."""
        texts = [as_text(item) for item in filled_list(self.of, case, trace)]
        answer = self._spelt(trace.output_text)
        found = [text for text in texts if self._spelt(text) in answer]
        return found, [text for text in texts if text not in found]

    def _spelt(self, text: str) -> str:
        if self.normalize:
            return normalised(text, ignore_case=self.ignore_case)
        return text.casefold() if self.ignore_case else text


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainsAll(_Several):
    """The answer contains every one of the given texts.

    Reads the output as text. Abstains without texts. Score: the share found.
    """

    type: ClassVar[str] = "contains_all"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("red, green and blue", "pass", of=["red", "blue"]),
        probe("red and green", "fail", of=["red", "blue"]),
        probe("red", "abstain", of=[]),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each text."""
        found, missing = self.sorted_out(case, trace)
        score = len(found) / (len(found) + len(missing))
        if missing:
            issues = tuple(f"lacks {item}" for item in missing)
            return Grade(
                False, f"The answer does not contain {listed(missing)}.", score, issues=issues
            )
        return Grade(True, f"The answer contains {listed(found)}.", score)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainsAny(_Several):
    """The answer contains at least one of the given texts.

    Reads the output as text. Abstains without texts. Score: none.
    """

    type: ClassVar[str] = "contains_any"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("a sofa", "pass", of=["couch", "sofa"]),
        probe("a chair", "fail", of=["couch", "sofa"]),
        probe("a chair", "abstain", of="{{ expected.words }}"),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each text."""
        found, missing = self.sorted_out(case, trace)
        if found:
            return Grade(True, f"The answer contains {listed(found)}.")
        return Grade(
            False, f"The answer contains none of {listed(missing)}: {quoted(trace.output_text)}."
        )


def same_json(a: Json, b: Json) -> bool:
    """Whether two JSON values are equal: 1 equals 1.0, and true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_json(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same_json(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)

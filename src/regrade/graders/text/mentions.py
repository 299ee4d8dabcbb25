"""Mentions: words, numbers and phrases that an answer must or must not hold as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Trace, as_text
from regrade.graders.check import Check, Probe, probe
from regrade.graders.wording import find_whole, listed, normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions(Check):
    """The answer mentions what the case says it must, and nothing that it must not.

    Reads `expected.must_mention` and `expected.must_not_mention` (a text or a list) and the output
    as text. A mention is a whole word, number or phrase, whatever its capitals: “profit” is not
    mentioned by “profitable”. Abstains when the case has neither. Score: the share of what must be
    mentioned that is.
    """

    type: ClassVar[str] = "mentions"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("Store B fell by −31%.", "pass", expected={"must_mention": ["store b", "-31%"]}),
        probe("It is profitable.", "pass", expected={"must_not_mention": ["profit"]}),
        probe("The profit fell.", "fail", expected={"must_not_mention": ["profit"]}),
        probe("It fell by 31.5%.", "fail", expected={"must_mention": "31"}),
        probe("anything", "abstain", expected={"must_mention": [], "store": "B"}),
    )

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        if case.expected.get("must_mention") or case.expected.get("must_not_mention"):
            return None
        return "expected.must_mention and expected.must_not_mention are missing or empty"

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each phrase."""
        wanted = _phrases(case.expected.get("must_mention"))
        unwanted = _phrases(case.expected.get("must_not_mention"))
        if not wanted and not unwanted:
            return Grade.abstained("The case does not say what must or must not be mentioned.")
        text = normalised(trace.output_text, ignore_case=True)
        missing = [phrase for phrase in wanted if not is_mentioned(phrase, text)]
        found = [phrase for phrase in unwanted if is_mentioned(phrase, text)]
        return presence_grade(missing, found, wanted=len(wanted), verb="mention")


def presence_grade(
    missing: Sequence[str], found: Sequence[str], *, wanted: int, verb: str
) -> Grade:
    """Give the grade of an answer by what it lacks, and what it holds and must not."""
    score = 1 - len(missing) / wanted if wanted else None
    if not missing and not found:
        return Grade(True, f"The answer {verb}s what it must and nothing that it must not.", score)
    faults = [f"does not {verb} {listed([*missing])}"] if missing else []
    faults += [f"{verb}s {listed([*found])}, which it must not"] if found else []
    issues = (*(f"lacks {each}" for each in missing), *(f"{verb}s {each}" for each in found))
    return Grade(False, f"The answer {' and '.join(faults)}.", score, issues=issues)


def is_mentioned(phrase: str, text: str) -> bool:
    """Whether a normalised, case-folded text mentions a phrase as a whole."""
    return find_whole(normalised(phrase, ignore_case=True), text) >= 0


def _phrases(value: Json) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list | tuple) else [value]
    return [text for item in items if (text := as_text(item)).strip()]

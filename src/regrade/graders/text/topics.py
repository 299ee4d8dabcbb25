"""Topics: what an answer speaks of, by a lexicon that people can read and mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from regrade.domain import Case, Grade, Trace
from regrade.graders.check import Check, Probe
from regrade.graders.wording import find_stem, listed, normalised

from .mentions import is_mentioned

_LEXICON = {"cancellation": ["cancel*"], "billing-history": ["past invoices", "billing history"]}


def _probe(
    output: str, gives: str, expected: Sequence[str] = (), disallowed: Sequence[str] = ()
) -> Probe:
    case = Case(input="probe", expected_topics=tuple(expected), disallowed_topics=tuple(disallowed))
    return Probe(case=case, trace=Trace(output=output), gives=gives, options={"lexicon": _LEXICON})  # type: ignore[arg-type]  # one of three


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics(Check):
    """The answer speaks of every expected topic and of no disallowed one.

    Reads the case's `expected_topics` and `disallowed_topics` and the output as text. A topic is
    spoken of when the answer holds one of its words or phrases in the lexicon as a whole, whatever
    its capitals; `cancel*` stands for every word that begins so. A topic without an entry stands
    for its own name, with spaces for hyphens. Saying that something is not so speaks of it as well.
    Abstains when the case names no topic. Score: the share of expected topics that are spoken of.
    """

    type: ClassVar[str] = "topics"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("Cancelling takes a minute.", "pass", ["cancellation"], ["billing-history"]),
        _probe("It takes a minute.", "fail", ["cancellation"]),
        _probe("Cancel it; past invoices stay.", "fail", ["cancellation"], ["billing-history"]),
        _probe("See the refund policy.", "pass", ["refund-policy"]),
        _probe("Nothing of the kind.", "pass", disallowed=["billing-history"]),
        _probe("Cancel it.", "abstain"),
    )

    lexicon: Mapping[str, Sequence[str]] = field(
        default_factory=dict, metadata={"suite": "lexicon"}
    )
    """Topic to the words and phrases that speak of it; left out, the suite's `lexicon`."""

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        if case.expected_topics or case.disallowed_topics:
            return None
        return "expected_topics and disallowed_topics are missing or empty"

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each topic."""
        if (lacking := self.lacks(case)) is not None:
            return Grade.abstained(f"The case names no topic: {lacking}.")
        text = normalised(trace.output_text, ignore_case=True)
        missing = [topic for topic in case.expected_topics if not self._is_spoken_of(topic, text)]
        found = [topic for topic in case.disallowed_topics if self._is_spoken_of(topic, text)]
        score = 1 - len(missing) / len(case.expected_topics) if case.expected_topics else None
        if not missing and not found:
            return Grade(
                True, "The answer speaks of every expected topic and of no disallowed one.", score
            )
        faults = [f"does not speak of {listed(missing)}"] if missing else []
        faults += [f"speaks of {listed(found)}, which it must not"] if found else []
        issues = (
            *(f"lacks {topic}" for topic in missing),
            *(f"speaks of {topic}" for topic in found),
        )
        return Grade(False, f"The answer {' and '.join(faults)}.", score, issues=issues)

    def _is_spoken_of(self, topic: str, text: str) -> bool:
        words = self.lexicon.get(topic) or (topic.replace("-", " ").replace("_", " "),)
        return any(_holds(text, word) for word in words)


def _holds(text: str, word: str) -> bool:
    if word.endswith("*"):
        return find_stem(normalised(word[:-1], ignore_case=True), text) >= 0
    return is_mentioned(word, text)

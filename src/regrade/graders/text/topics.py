"""Topics: what an answer speaks of, by a lexicon that people can read and mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from regrade.domain import Case, Grade, Trace
from regrade.graders.check import Check, Probe
from regrade.graders.wording import normalised, speaks_of

from .mentions import presence_grade

_LEXICON = {"cancellation": ["cancel*"], "billing-history": ["past invoices", "billing history"]}


def _probe(
    output: str, gives: str, expected: Sequence[str] = (), disallowed: Sequence[str] = ()
) -> Probe:
    case = Case(input="probe", expected_topics=tuple(expected), disallowed_topics=tuple(disallowed))
    return Probe(case=case, trace=Trace(output=output), gives=gives, options={"lexicon": _LEXICON})  # type: ignore[arg-type]  # one of three


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics(Check):
    """The answer covers every expected topic and no disallowed one.

    Reads the case's `expected_topics` and `disallowed_topics` and the output as text. A topic is
    covered when the answer holds one of its words or phrases in the lexicon as a whole, whatever
    its capitals; `cancel*` stands for every word that begins so. A topic without an entry stands
    for its own name, with spaces for hyphens. Saying that something is not so covers it as well.
    Abstains when the case names no topic. Score: the share of expected topics that are covered.
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
        return presence_grade(missing, found, wanted=len(case.expected_topics), verb="cover")

    def _is_spoken_of(self, topic: str, text: str) -> bool:
        words = self.lexicon.get(topic) or (topic.replace("-", " ").replace("_", " "),)
        return any(speaks_of(text, word) for word in words)

"""Whether an answer rests on what was retrieved."""

from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import Case, Document, Grade, Json, Trace
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.safety.refusal import refusal_in
from regrade.graders.similarity.tokens import words
from regrade.graders.wording import listed

from .context import (
    Source,
    content_words,
    retrieved_sources,
    shared_spans,
    told_words,
    vocabulary_of,
)
from .relevance import ranking

_USED_FROM = 2
_REFUNDS = "A first payment is refunded in full within 14 days of the purchase."


def _probe(output: str, texts: list[str] | None, gives: ProbeOutcome, **case: Json) -> Probe:
    documents = (
        None if texts is None else tuple(Document(id=f"d{n}", text=t) for n, t in enumerate(texts))
    )
    return Probe(
        case=Case(input="Is it refunded?", **case),
        trace=Trace(output=output, retrieved=documents),
        gives=gives,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextUtilization(Check):
    """The answer rests on what was retrieved.

    Reads the output as text and the texts of the retrieved documents. Counted are the answer's
    content words that the question does not hold: words of four letters or more, words with a
    digit, and characters of scripts that write no spaces. Nothing retrieved fails a case with
    `requires_context: true`. When it fails, the label says where to look: `retrieval` when no
    relevant document was retrieved (or none at all), else `generation`. Abstains when the case says
    `requires_context: false`, when no retrieved text is known, when the answer is a refusal, and
    when it says nothing beyond the question. Score: the share of those words that stand in the retrieved texts. Issues:
    the words that do not, the runs of words that do, and how many of the documents were used.
    """

    type: ClassVar[str] = "context_utilization"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("Refunded in full within 14 days of purchase.", [_REFUNDS], "pass"),
        _probe("Probably after ninety working weeks.", [_REFUNDS], "fail"),
        _probe("Within 14 days.", [], "fail", requires_context=True),
        _probe("Within 14 days.", [], "abstain", requires_context=False),
        _probe("Within 14 days.", None, "abstain"),
        _probe("refunded", [_REFUNDS], "abstain"),
        _probe("I could not find this.", [_REFUNDS], "abstain"),
    )

    min: float = 0.5
    """The least share that passes."""

    def __post_init__(self) -> None:
        if not 0 < self.min <= 1:
            raise ValueError(f"`min` is {self.min}; it is a share above 0 and up to 1")

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        return "requires_context is false" if case.requires_context is False else None

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for the answer's words in the retrieved texts."""
        sources = retrieved_sources(trace)
        if case.requires_context is False:
            return Grade.abstained("The case needs no context.")
        if sources is None:
            return Grade.abstained("No retrieved text is known.")
        if not sources:
            return _without_sources(case)
        if refusal_in(trace.output_text) is not None:
            return Grade.abstained("The answer is a refusal, which rests on no document.")
        told = told_words(trace.output_text, case.input)
        if not told:
            return Grade.abstained("The answer says nothing beyond the question.")
        return self._compared(case, trace, sources, told)

    def _compared(self, case: Case, trace: Trace, sources: list[Source], told: list[str]) -> Grade:
        known = vocabulary_of(sources)
        strange = [word for word in dict.fromkeys(told) if word not in known]
        score = 1 - sum(word not in known for word in told) / len(told)
        issues = _issues(trace.output_text, sources, told, strange)
        if score >= self.min - 1e-12:
            return Grade(
                True,
                f"{score:.0%} of the answer's words are in the retrieved texts.",
                score,
                issues=issues,
            )
        where = self._cause(case, trace)
        said = f"{score:.0%} of the answer's words are in the retrieved texts, below {self.min:.0%}"
        return Grade(False, f"{said}; not there: {listed(strange)}.", score, where, issues)

    def _cause(self, case: Case, trace: Trace) -> str:
        """Say which stage to look at first."""
        if not case.relevant_documents:
            return "generation"
        found = ranking(case, trace.retrieved or (), "id")
        return "generation" if any(found.gains) else "retrieval"


def _without_sources(case: Case) -> Grade:
    if case.requires_context:
        said = "The case needs context, and nothing was retrieved."
        return Grade(False, said, 0.0, "retrieval")
    return Grade.abstained("Nothing was retrieved, and the case does not say that it is needed.")


def _issues(
    answer: str, sources: list[Source], told: list[str], strange: list[str]
) -> tuple[str, ...]:
    used = [s for s in sources if len({*told} & {*words(s.text)}) >= _USED_FROM]
    spans = [span for source in sources for span in shared_spans(answer, source)]
    return (
        *(f"not in the retrieved texts: {word}" for word in strange[:10]),
        *(f"taken over: {span}" for span in list(dict.fromkeys(spans))[:5] if content_words(span)),
        f"{len(used)} of {len(sources)} documents were used",
    )

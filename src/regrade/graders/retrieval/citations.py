"""Citations: what an answer names as its sources."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from regrade.domain import Case, Document, Grade, Json, Trace
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.similarity.tokens import words

from .context import CITATION, content_words
from .relevance import plain_url

_BETWEEN = re.compile(r"(?<=[.!?])\s+(?!\[)|(?<=[。！？])(?!\s*\[)|\n+")
_SPLIT = re.compile(r"\s*[,;]\s*")


def _probe(output: str, gives: ProbeOutcome, **options: Json) -> Probe:
    documents = (
        Document(id="refunds", text="A first payment is refunded within 14 days."),
        Document(
            id="plans",
            text="The Team plan costs 9 euros.",
            metadata={"url": "https://x.example/plans"},
        ),
    )
    return Probe(
        case=Case(input="probe"),
        trace=Trace(output=output, retrieved=documents),
        gives=gives,
        options=options,
    )


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence and what it cites."""

    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations(Check):
    """What the answer cites was retrieved, and says what it is cited for.

    Reads the output as text: citations stand in square brackets, as numbers of retrieved documents
    counted from 1 (`[2]`, `[1, 3]`), as their ids (`[refunds]`), or as links to their addresses
    (`[plans](https://…)`). Fails when a cited source was not retrieved (invented), when it holds
    less than `support` of the sentence's content words (unsupported), and when an answer (`every:
    answer`) or a sentence with content (`every: sentence`) cites nothing (missing). Abstains when it
    is not known what was retrieved. Score: the share of citations that hold. Issues: each fault.
    Label: the kinds of faults.
    """

    type: ClassVar[str] = "citations"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("Payments are refunded within 14 days [1].", "pass"),
        _probe("Payments are refunded within 14 days. [refunds]", "pass"),
        _probe("The Team plan costs 9 euros [see](https://x.example/plans/).", "pass"),
        _probe("Payments are refunded within 14 days [3].", "fail"),
        _probe("Swimlanes group boards by person [1].", "fail"),
        _probe("Payments are refunded within 14 days.", "fail"),
        _probe("Payments are refunded [1]. The Team plan costs 9 euros.", "fail", every="sentence"),
        Probe(case=Case(input="probe"), trace=Trace(output="So it is [1]."), gives="abstain"),
    )

    every: Literal["answer", "sentence", "none"] = "answer"
    """What must cite something."""
    support: float = 0.5
    """The share of a sentence's content words that its cited sources must hold; 0 asks for none."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Check each citation."""
        if trace.retrieved is None:
            return Grade.abstained("It is not known what was retrieved.")
        sentences = [*_sentences(trace.output_text)]
        faults: list[tuple[str, str]] = []
        total = 0
        for sentence in sentences:
            total += len(sentence.cites)
            faults += self._faults(sentence, trace.retrieved)
        cites_something = any(sentence.cites for sentence in sentences)
        if self.every == "answer" and not cites_something:
            faults.append(("missing", "the answer cites nothing"))
        if not faults:
            return Grade(True, f"All citations hold ({total}).", 1.0 if total else None)
        broken = sum(kind != "missing" for kind, _ in faults)
        label = ", ".join(sorted({kind for kind, _ in faults}))
        issues = tuple(f"{kind}: {said}" for kind, said in faults)
        score = max(0.0, 1 - broken / total) if total else None
        return Grade(False, f"Citations do not hold: {issues[0]}.", score, label, issues[:20])

    def _faults(
        self, sentence: _Sentence, documents: Sequence[Document]
    ) -> Iterator[tuple[str, str]]:
        content = content_words(sentence.text)
        if self.every == "sentence" and content and not sentence.cites:
            yield "missing", f"no source for “{sentence.text[:80]}”"
        cited = []
        for name in sentence.cites:
            document = _document(name, documents)
            if document is None:
                yield "invented", f"[{name}] was not retrieved"
            else:
                cited.append(document)
        if cited and content and self.support:
            known = {word for each in cited for word in words(each.text or "")}
            share = sum(word in known for word in content) / len(content)
            if known and share < self.support:
                yield (
                    "unsupported",
                    f"“{sentence.text[:80]}” is not what [{sentence.cites[0]}] says ({share:.0%})",
                )


def _sentences(text: str) -> Iterator[_Sentence]:
    for part in _BETWEEN.split(text):
        cites: list[str] = []
        for found in CITATION.finditer(part):
            cites += [found[2]] if found[2] else _SPLIT.split(found[1].strip())
        plain = " ".join(CITATION.sub("", part).split())
        if plain or cites:
            yield _Sentence(plain, tuple(cites))


def _document(name: str, documents: Sequence[Document]) -> Document | None:
    if name.isdigit():
        place = int(name) - 1
        return documents[place] if 0 <= place < len(documents) else None
    for each in documents:
        addresses = (each.metadata.get("url"), each.metadata.get("source"), each.id)
        if name == each.id or any(
            isinstance(found, str) and "/" in name and plain_url(found) == plain_url(name)
            for found in addresses
        ):
            return each
    return None

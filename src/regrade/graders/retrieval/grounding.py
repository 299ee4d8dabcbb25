"""Whether what can be checked in an answer stands in its context: numbers, dates, names, quotes,
terms.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from regrade.domain import Case, Document, Grade, Json, Trace, as_text
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.fields import read_date
from regrade.graders.text.number import numbers_in
from regrade.graders.wording import find_whole, listed, normalised, speaks_of

from .context import Source, all_sources

Claim = Literal["numbers", "dates", "names", "quotes"]
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\.? [A-Z][a-z]{2,8} \d{4}\b|\b[A-Z][a-z]{2,8} \d{1,2},? \d{4}\b"
)
_QUOTE = re.compile(r'"([^"\n]{8,300})"')
_NAME = re.compile(
    r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'-]+(?:\s+(?:(?:of|de|van|von|der)\s+)?[A-Z][\w'-]+)+"
)


def _probe(output: str, gives: ProbeOutcome, context: Json = None, **options: Json) -> Probe:
    said = 'Revenue rose 12 % to 4.2 million on 3 May 2026, says Ana Lima: "a very good quarter".'
    documents = (Document(id="d", text=said),) if context is None else None
    return Probe(
        case=Case(input="How was it?", context=context or None),
        trace=Trace(output=output, retrieved=documents),
        gives=gives,
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundedNumbers(Check):
    """Numbers, dates, names, quotes and declared terms of the answer stand in its context.

    Reads the output as text; the context is what was retrieved, the case's `context`, and the
    results of tools; what the question itself says is grounded too. Numbers are the same by value
    (12 % is 0.12), dates by day whatever their form, quotes and names by their words. Names are two
    or more capitalised words in a row that do not begin a sentence. Terms of `vocabulary` that the
    answer speaks of must be spoken of in the context. Numbers that only order a list do not count.
    Abstains when no context is known, or the answer holds nothing to check. Score: the share that is
    grounded; passes from `min` on. Issues: each thing that is not.
    """

    type: ClassVar[str] = "grounded_numbers"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("It rose by 12%, to 4.2 million.", "pass"),
        _probe("It rose by 21 %.", "fail"),
        _probe("That was on 2026-05-03.", "pass"),
        _probe("That was on May 4, 2026.", "fail"),
        _probe("As they say, “a very good quarter” it was.", "pass"),
        _probe("As they say, “a rather bad quarter” it was.", "fail"),
        _probe("So says their Ana Lima there.", "pass"),
        _probe("So says their Bob Stone there.", "fail"),
        _probe("The churn rate fell.", "fail", vocabulary=["revenue", "churn*"]),
        _probe("It was fine.", "abstain"),
        Probe(case=Case(input="q"), trace=Trace(output="It is 7."), gives="abstain"),
    )

    claims: Sequence[Claim] = ("numbers", "dates", "names", "quotes")
    """What is checked."""
    vocabulary: Sequence[str] = ()
    """Terms, such as metrics and dimensions, that may only be spoken of when the context does;
    `churn*` stands for every word that begins so."""
    min: float = 1.0
    """The share that must be grounded."""

    def __post_init__(self) -> None:
        if not 0 < self.min <= 1:
            raise ValueError(f"`min` is {self.min}; it is a share above 0 and up to 1")

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for each thing in the context."""
        sources = all_sources(case, trace)
        if sources is None:
            return Grade.abstained("No context is known.")
        asked = Source("the question", normalised(as_text(case.input), ignore_case=True))
        context = "\n".join(source.text for source in [*sources, asked])
        answer = normalised(trace.output_text, keep_spaces=True)
        total, missing = 0, []
        for name in self.claims:
            for claim in _CLAIMS[name](answer):
                total += 1
                if not _IS_IN[name](claim, context):
                    missing.append(f"{name.removesuffix('s')} {claim}")
        told = normalised(answer, ignore_case=True)
        for term in self.vocabulary:
            if speaks_of(told, term):
                total += 1
                if not speaks_of(context, term):
                    missing.append(f"term {term}")
        if not total:
            return Grade.abstained("The answer holds nothing to check.")
        score = 1 - len(missing) / total
        if not missing:
            return Grade(True, f"Everything that can be checked ({total}) is in the context.", 1.0)
        said = f"{len(missing)} of {total} are not in the context: {listed(missing, 3)}."
        return Grade(score >= self.min - 1e-12, said, score, issues=tuple(missing[:20]))


_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)]\s+")


def _numbers(text: str) -> Iterator[str]:
    plain = _DATE.sub(" ", _LIST_NUMBER.sub("", text))
    return iter(dict.fromkeys(each.text for each in numbers_in(plain)))


def _number_is_in(claim: str, context: str) -> bool:
    [mine] = numbers_in(claim)
    own = {mine.value, mine.value / 100} if mine.is_percent else {mine.value}
    for each in numbers_in(context):
        theirs = {each.value, each.value / 100} if each.is_percent else {each.value}
        if own & theirs or {abs(v) for v in own} & {abs(v) for v in theirs}:
            return True
    return False


def _dates(text: str) -> Iterator[str]:
    return iter(dict.fromkeys(found for found in _DATE.findall(text) if read_date(found)))


def _date_is_in(claim: str, context: str) -> bool:
    wanted = read_date(claim)
    return any(read_date(found) == wanted for found in _ANY_DATE.findall(context))


_ANY_DATE = re.compile(f"(?i:{_DATE.pattern})")


def _names(text: str) -> Iterator[str]:
    return iter(
        dict.fromkeys(match[0] for match in _NAME.finditer(_QUOTE.sub(" ", _DATE.sub(" ", text))))
    )


def _text_is_in(claim: str, context: str) -> bool:
    return find_whole(normalised(claim, ignore_case=True).strip(" .,;:!?"), context) >= 0


def _quotes(text: str) -> Iterator[str]:
    return iter(dict.fromkeys(_QUOTE.findall(text)))


_CLAIMS: Mapping[Claim, Callable[[str], Iterator[str]]] = {
    "numbers": _numbers,
    "dates": _dates,
    "names": _names,
    "quotes": _quotes,
}
_IS_IN: Mapping[Claim, Callable[[str, str], bool]] = {
    "numbers": _number_is_in,
    "dates": _date_is_in,
    "names": _text_is_in,
    "quotes": _text_is_in,
}

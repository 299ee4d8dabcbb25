"""What an answer took from its context: the words, numbers and phrases that stand in both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regrade.domain import Case, Json, Trace, as_text
from regrade.graders.similarity.tokens import words
from regrade.graders.wording import normalised

CITATION = re.compile(r"\[([^\[\]\n]{1,120})\](?:\(([^()\s]{1,300})\))?")
"""A citation in square brackets, with the address of a link where it has one."""
_SHORTEST_WORD = 4
_PHRASE = 3


@dataclass(frozen=True, slots=True)
class Source:
    """One text that the answer may rest on."""

    name: str
    """Its id, or what it is."""
    text: str
    """What it says, normalised, in small letters."""


def retrieved_sources(trace: Trace) -> list[Source] | None:
    """Give the retrieved texts; None when nothing is known about retrieval, or no text of it."""
    if trace.retrieved is None:
        return None
    found = [
        Source(document.id or f"document {rank}", normalised(document.text, ignore_case=True))
        for rank, document in enumerate(trace.retrieved, 1)
        if document.text
    ]
    return found if found or not trace.retrieved else None


def all_sources(case: Case, trace: Trace) -> list[Source] | None:
    """Give the retrieved texts, the case's context and the results of tools; None when nothing is
    known of any.
    """
    retrieved = retrieved_sources(trace)
    found = [*(retrieved or [])]
    if case.context is not None:
        found.append(Source("the context", normalised(as_text(case.context), ignore_case=True)))
    found += [
        Source(f"the result of {call.name}", normalised(as_text(call.result), ignore_case=True))
        for call in trace.tool_calls or ()
        if call.result is not None
    ]
    return None if retrieved is None and not found else found


def content_words(text: str) -> list[str]:
    """Give the words that carry content: those of at least four letters, those with a digit, and
    characters of scripts that write no spaces; in their order.
    """
    return [word for word in words(text) if _is_content(word)]


def _is_content(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD or any(c.isdigit() for c in word) or not word.isascii()


def told_words(answer: str, question: Json) -> list[str]:
    """Give the content words of an answer, citations left out, that its question does not hold
    already.
    """
    asked = {*words(as_text(question))}
    return [word for word in content_words(CITATION.sub(" ", answer)) if word not in asked]


def shared_spans(answer: str, source: Source) -> Iterator[str]:
    """Give the longest runs of at least three words that an answer shares with a source."""
    mine, theirs = words(answer), f" {' '.join(words(source.text))} "
    start = 0
    while start <= len(mine) - _PHRASE:
        end = start + _PHRASE
        if f" {' '.join(mine[start:end])} " not in theirs:
            start += 1
            continue
        while end < len(mine) and f" {' '.join(mine[start : end + 1])} " in theirs:
            end += 1
        yield " ".join(mine[start:end])
        start = end


def vocabulary_of(sources: Sequence[Source]) -> set[str]:
    """Give every word of the sources."""
    return {word for source in sources for word in words(source.text)}

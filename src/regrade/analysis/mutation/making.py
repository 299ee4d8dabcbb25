"""Broken traces, made of good ones: steps that gave the same output or documents are broken alike."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from regrade.domain import NOT_CAPTURED, Attempt, Json, Span, Trace, content_hash

from .breaks import BREAKS
from .mirroring import mirrored

MOST_TRACES = 200
"""Good traces that are broken, at most: a sample of more."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A trace that was broken on purpose."""

    name: str
    """The break."""
    good: Attempt
    """The attempt as it was."""
    attempt: Attempt
    """The same with the broken trace, not judged yet."""


def sampled(good: Sequence[Attempt], seed: int, most: int = MOST_TRACES) -> list[Attempt]:
    """Give a random part of good attempts, at most so many, in their order."""
    if len(good) <= most:
        return [*good]
    chance = random.Random(seed)  # noqa: S311  which ones, not a secret
    return [good[at] for at in sorted(chance.sample(range(len(good)), most))]


def broken_traces(good: Sequence[Attempt], seed: int = 0) -> Iterator[Broken]:
    """Break each good trace in every way that it can be broken."""
    for attempt in good:
        others = [each.trace for each in good if each.case.id != attempt.case.id]
        for name, how in BREAKS.items():
            key = content_hash([seed, name, attempt.case.id, attempt.trial])
            trace = how.apply(attempt.trace, others, random.Random(key))  # noqa: S311  as above
            if trace is not None:
                whole = replace(trace, spans=_spans(attempt.trace, trace))
                yield Broken(name, attempt, _unjudged(attempt, whole))


def _unjudged(attempt: Attempt, trace: Trace) -> Attempt:
    return Attempt(case=attempt.case, trial=attempt.trial, trace=trace)


def _spans(before: Trace, after: Trace) -> tuple[Span, ...]:
    """Break the steps as the trace was broken."""
    spans = list(before.spans)
    if after.output != before.output:
        spans = [_with_output(span, before.output, after.output) for span in spans]
    if after.retrieved != before.retrieved:
        spans = [
            replace(span, retrieved=after.retrieved, output=NOT_CAPTURED)
            if span.retrieved is not None and span.kind != "llm"
            else span
            for span in spans
        ]
    for call in before.tool_calls or ():
        if after.tool_calls is not None and call not in after.tool_calls:
            spans = [span for span in spans if span.tool_call != call]
    return tuple(spans)


def _with_output(span: Span, before: Json, after: Json) -> Span:
    """Break what a step gave where it holds what the system answered; documents stay as they are."""
    if span.output is NOT_CAPTURED or span.retrieved is not None:
        return span
    return replace(span, output=mirrored(span.output, before, after))

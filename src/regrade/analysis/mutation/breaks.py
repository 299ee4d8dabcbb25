"""The breaks: what can go wrong with a good trace, each as a function of it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from regrade.domain import Json, Trace

from . import texts
from .outputs import (
    TextBreak,
    emptied,
    negated_values,
    not_json,
    on_numbers,
    on_text,
    with_source,
    without_a_field,
)

INVENTED = "annex-7f3q"
"""A source that no index has."""


@dataclass(frozen=True, slots=True)
class Break:
    """One way to break a trace."""

    name: str
    """Its name in reports."""
    words: str
    """What it does."""
    apply: Callable[[Trace, Sequence[Trace], random.Random], Trace | None]
    """Gives the broken trace, out of the trace, good traces of other cases, and chance; None where
    there is nothing of its kind to break."""


_OutputBreak = Callable[[Json, random.Random], Json | None]


def _of_output(change: _OutputBreak) -> Callable[..., Trace | None]:
    def apply(trace: Trace, _others: Sequence[Trace], chance: random.Random) -> Trace | None:
        if not trace.is_captured:
            return None
        output = change(trace.output, chance)
        return None if output is None or output == trace.output else replace(trace, output=output)

    return apply


def _of_text(
    change: TextBreak,
    how: Callable[[Json, TextBreak, random.Random], Json | None] = on_text,
) -> Callable[..., Trace | None]:
    return _of_output(lambda output, chance: how(output, change, chance))


def _another_answer(trace: Trace, others: Sequence[Trace], chance: random.Random) -> Trace | None:
    different = [each for each in others if each.is_captured and each.output != trace.output]
    return replace(trace, output=chance.choice(different).output) if different else None


def _other_documents(trace: Trace, others: Sequence[Trace], chance: random.Random) -> Trace | None:
    if not trace.retrieved:
        return None
    own = {document.id or document.text for document in trace.retrieved}
    different = [
        each.retrieved
        for each in others
        if each.retrieved and not own & {d.id or d.text for d in each.retrieved}
    ]
    return replace(trace, retrieved=chance.choice(different) if different else ())


def _invented_source(
    trace: Trace, _others: Sequence[Trace], _chance: random.Random
) -> Trace | None:
    if not trace.retrieved or not trace.is_captured:
        return None
    known = [document.id for document in trace.retrieved if document.id]
    output = with_source(trace.output, known, INVENTED)
    return None if output is None else replace(trace, output=output)


def _missing_call(trace: Trace, _others: Sequence[Trace], chance: random.Random) -> Trace | None:
    if not trace.tool_calls:
        return None
    at = chance.randrange(len(trace.tool_calls))
    return replace(trace, tool_calls=trace.tool_calls[:at] + trace.tool_calls[at + 1 :])


BREAKS: Mapping[str, Break] = MappingProxyType(
    {
        each.name: each
        for each in (
            Break("empty", "answers with nothing", _of_output(lambda output, _: emptied(output))),
            Break(
                "drop",
                "leaves a sentence or a field out",
                _of_text(texts.without_a_sentence, without_a_field),
            ),
            Break("truncate", "stops in the middle", _of_text(texts.first_half)),
            Break("negate", "says the contrary", _of_text(texts.negated, negated_values)),
            Break(
                "numbers",
                "exchanges or changes numbers",
                _of_text(texts.with_other_numbers, on_numbers),
            ),
            Break("names", "exchanges names", _of_text(texts.with_other_names)),
            Break("other answer", "answers another case", _another_answer),
            Break("citation", "names a source that was not found", _invented_source),
            Break("documents", "finds another case's documents", _other_documents),
            Break("tool call", "leaves a call of a tool out", _missing_call),
            Break("language", "answers in another language", _of_text(texts.in_another_language)),
            Break(
                "invalid JSON",
                "writes JSON that does not end",
                _of_output(lambda output, _: not_json(output)),
            ),
            Break("secret", "lets a key out", _of_text(texts.with_a_secret)),
        )
    }
)
"""Every break by its name."""

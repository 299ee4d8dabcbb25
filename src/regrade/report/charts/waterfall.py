"""The steps of a trace from when to when, with what each was given and gave, and the grades that judge it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import NOT_CAPTURED, Grade, Json, Span, as_text
from regrade.domain.duration import show_duration
from regrade.ingest.spans import depth_first
from regrade.report.plain import printable

MOST_STEPS = 200
"""Steps that are drawn."""
MOST_TEXT = 6000
"""Characters of what a step was given or gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step, ready to be drawn on a scale from 0 to 100."""

    span: Span
    """The step."""
    depth: int
    """How deep it is in the tree."""
    at: float
    """Where its bar begins."""
    width: float
    """How wide it is."""
    took: str
    """How long it took, in words."""
    about: str
    """Model, tokens and cost."""
    texts: Sequence[tuple[str, str, int]]
    """What it was given and gave: name, text, and how many characters are left out."""
    grades: Sequence[Grade]
    """The grades that judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The steps of a trace."""

    steps: Sequence[Step]
    """The steps, as a tree is read."""
    left_out: int
    """How many more there are."""
    took: str
    """How long it all took, in words."""


def waterfall(spans: Sequence[Span], grades: Mapping[str, Sequence[Grade]]) -> Waterfall | None:
    """Draw the steps of a trace; `grades` are those that judge each, by the step's id. None without a step."""
    steps = depth_first(spans)
    if not steps:
        return None
    begin = min(span.start_s for _, span in steps)
    end = max(span.start_s + (span.duration_s or 0.0) for _, span in steps)
    length = (end - begin) or 1e-9
    return Waterfall(
        steps=[
            _step(span, depth, begin, length, grades.get(span.span_id, ()))
            for depth, span in steps[:MOST_STEPS]
        ],
        left_out=max(0, len(steps) - MOST_STEPS),
        took=show_duration(end - begin),
    )


def _step(span: Span, depth: int, begin: float, length: float, grades: Sequence[Grade]) -> Step:
    at = min(99.5, 100 * (span.start_s - begin) / length)
    took = span.duration_s
    return Step(
        span=span,
        depth=min(depth, 8),
        at=round(at, 2),
        width=round(min(max(0.5, 100 * (took or 0.0) / length), 100 - at), 2),
        took="open" if took is None else show_duration(max(took, 1e-6)),
        about=_about(span),
        texts=[*_texts(span)],
        grades=grades,
    )


def _about(span: Span) -> str:
    parts = [span.model or ""]
    if span.usage is not None:
        if span.usage.tokens is not None:
            parts.append(f"{span.usage.tokens:,} tokens")
        if span.usage.cost_usd is not None:
            parts.append(f"${span.usage.cost_usd:.4f}")
    return " · ".join(printable(part) for part in parts if part)


def _texts(span: Span) -> list[tuple[str, str, int]]:
    found: list[tuple[str, Json]] = [("given", span.input), ("gave", span.output)]
    if span.tool_call is not None and span.input is NOT_CAPTURED:
        found[0] = ("called with", span.tool_call.arguments)
    if span.error is not None:
        found.append(("went wrong", span.error))
    if span.retrieved:
        named = [f"{d.id or ''} {d.text or ''}".strip() for d in span.retrieved]
        found.append(("found", "\n\n".join(named)))
    return [
        (name, *shortened(as_text(value)))
        for name, value in found
        if value is not NOT_CAPTURED and value not in (None, "")
    ]


def shortened(text: str, most: int = MOST_TEXT) -> tuple[str, int]:
    """Give the beginning of a text, safe to show, and how many characters are left out."""
    return printable(text[:most]), max(0, len(text) - most)

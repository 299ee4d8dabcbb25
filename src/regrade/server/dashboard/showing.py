"""An attempt as pages show it, whether of a run or of live traffic: texts beside what graders say of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrade.domain import NOT_CAPTURED, Attempt, Component, Grade, Json, as_text, case_content
from regrade.domain.duration import show_duration
from regrade.report.charts.waterfall import Waterfall, shortened, waterfall
from regrade.report.steps import grades_by_span

MOST_TEXT = 40_000
"""Characters of a question or an answer that are shown."""
_APART = frozenset({"id", "input", "context", "tags", "kind", "difficulty", "critical", "metadata"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with its name."""

    name: str
    """What it is."""
    text: str
    """Its beginning, safe to show."""
    left_out: int
    """How many characters more it has."""
    grades: Sequence[Grade] = ()
    """The grades that speak of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An attempt, ready to be shown."""

    attempt: Attempt
    """The attempt."""
    asked: Sequence[Text]
    """What was asked, and its context."""
    wanted: Sequence[Text]
    """What a good answer is, and what else the case says."""
    answer: Text | None
    """What was answered, with the grades of the whole pipeline, those that fail it first; None where nothing was
    kept."""
    silent: Sequence[Grade]
    """Grades of the whole pipeline that had nothing to judge by."""
    found: Text | None
    """The documents that were retrieved, with the grades of retrieval where no step holds them."""
    calls: Text | None
    """The tools that were called."""
    loose: Sequence[Grade]
    """Grades of components whose steps were not recorded."""
    fall: Waterfall | None
    """The steps."""
    facts: Sequence[tuple[str, str]]
    """Times, tokens and cost."""


def shown(attempt: Attempt, components: Sequence[Component]) -> Shown:
    """Make an attempt ready to be shown."""
    case, trace = attempt.case, attempt.trace
    by_span = {
        span: [attempt.grades[at] for at in places]
        for span, places in grades_by_span(attempt, components).items()
    }
    placed = {id(grade) for some in by_span.values() for grade in some}
    of_all = [g for g in attempt.grades if g.spec is None or g.spec.component is None]
    whole = sorted((g for g in of_all if g.passed is not None), key=lambda g: g.passed is True)
    loose = [g for g in attempt.grades if g.spec and g.spec.component and id(g) not in placed]
    asked = [_text("asked", case.input)]
    if case.context is not None:
        asked.append(_text("context", case.context))
    wanted = [
        _text(name.replace("_", " "), value)
        for name, value in case_content(case).items()
        if name not in _APART and value not in (None, {}, [], "")
    ]
    return Shown(
        attempt=attempt,
        asked=asked,
        wanted=wanted,
        silent=[g for g in of_all if g.passed is None],
        answer=_text("answered", trace.output, whole) if trace.is_captured else None,
        found=_documents(attempt),
        calls=_calls(attempt),
        loose=[*([] if trace.is_captured else whole), *loose],
        fall=waterfall(trace.spans, by_span),
        facts=[*_facts(attempt)],
    )


def _text(name: str, value: Json, grades: Sequence[Grade] = ()) -> Text:
    text, left_out = shortened("" if value is NOT_CAPTURED else as_text(value), MOST_TEXT)
    return Text(name=name, text=text, left_out=left_out, grades=grades)


def _documents(attempt: Attempt) -> Text | None:
    if attempt.trace.retrieved is None:
        return None
    wanted = {each.id for each in attempt.case.relevant_documents}
    lines = [
        f"{place}. {'✓ ' if each.id in wanted else ''}{each.id or ''}\n{each.text or ''}".strip()
        for place, each in enumerate(attempt.trace.retrieved, 1)
    ]
    return _text("retrieved", "\n\n".join(lines) or "no document")


def _calls(attempt: Attempt) -> Text | None:
    if not attempt.trace.tool_calls:
        return None
    lines = [f"{each.name}({_arguments(each.arguments)})" for each in attempt.trace.tool_calls]
    return _text("tool calls", "\n".join(lines))


def _arguments(arguments: Json) -> str:
    return "" if arguments is None else as_text(arguments)


def _facts(attempt: Attempt) -> list[tuple[str, str]]:
    trace = attempt.trace
    found: list[tuple[str, str]] = []
    if trace.latency_s is not None:
        found.append(("latency", show_duration(max(trace.latency_s, 1e-6))))
    if trace.ttft_s is not None:
        found.append(("first token", show_duration(trace.ttft_s)))
    if trace.usage is not None:
        if trace.usage.tokens is not None:
            found.append(("tokens", f"{trace.usage.tokens:,}"))
        if trace.usage.cost_usd is not None:
            found.append(("cost", f"${trace.usage.cost_usd:.4f}"))
    models = dict.fromkeys(span.model for span in trace.spans if span.model)
    if models:
        found.append(("model", ", ".join(models)))
    if trace.tries > 1:
        found.append(("tries", str(trace.tries)))
    return found

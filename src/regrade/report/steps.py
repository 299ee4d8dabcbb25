"""The steps of an attempt on the terminal: a waterfall, what each was given and gave, and the grades
that judge it.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from regrade.domain import NOT_CAPTURED, Attempt, Component, Grade, Span, as_text
from regrade.domain.duration import show_duration
from regrade.ingest.spans import depth_first
from regrade.ingest.views import DROPPED

from .plain import one_line, printable

MOST_SPANS = 60
"""Steps of an attempt that are shown."""
MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}
"""How a grade is marked, and its colour."""
_WIDEST, _NARROWEST = 30, 8


def grades_by_span(attempt: Attempt, components: Sequence[Component]) -> dict[str, list[int]]:
    """Give the grades that judge each step, as places in the attempt's grades, by the step's id.

    A component is judged by its last step, whose output its graders see.
    """
    last = {each.name: spans[-1] for each in components if (spans := each.spans_in(attempt.trace))}
    found: dict[str, list[int]] = {}
    for at, grade in enumerate(attempt.grades):
        step = None if grade.spec is None else last.get(grade.spec.component or "")
        if step is not None:
            found.setdefault(step.span_id, []).append(at)
    return found


def print_steps(attempt: Attempt, components: Sequence[Component], console: Console) -> None:
    """Print the steps as a tree, each with a bar from when to when."""
    steps = depth_first(attempt.trace.spans)
    shown = steps[:MOST_SPANS]
    judged = grades_by_span(attempt, components)
    begin = min(span.start_s for _, span in steps)
    end = max(span.start_s + (span.duration_s or 0) for _, span in steps)
    names = min(max(2 * depth + len(span.name) for depth, span in shown), console.width // 3)
    kinds = max(len(span.kind) for _, span in shown)
    bars = max(_NARROWEST, min(_WIDEST, console.width - names - kinds - 30))
    lost = attempt.trace.metadata.get(DROPPED)
    more = f", and {lost:,} more that were not kept" if isinstance(lost, int) else ""
    console.print(Text(f"steps  {len(steps):,}{more}", "dim"))
    for depth, span in shown:
        line = Text(_fitted("  " * depth + printable(span.name), names) + "  ")
        line.append(f"{span.kind:{kinds}}  ", "dim")
        line.append_text(_bar(span, begin, (end - begin) or 1e-9, bars))
        grades = [attempt.grades[at] for at in judged.get(span.span_id, ())]
        console.print(line)
        _print_grades(grades, depth, console)
        _print_content(span, depth, console)
    if len(steps) > MOST_SPANS:
        console.print(Text(f"… and {len(steps) - MOST_SPANS:,} more; --json gives all", "dim"))


def _bar(span: Span, begin: float, length: float, width: int) -> Text:
    left = min(round((span.start_s - begin) / length * width), width - 1)
    long = min(max(1, round((span.duration_s or 0) / length * width)), width - left)
    took = "open" if span.duration_s is None else show_duration(max(span.duration_s, 1e-6))
    bar = Text(" " * left).append("━" * long, "red" if span.error else "cyan")
    return bar.append(" " * (width - left - long)).append(f"  {took:>7}")


def _print_grades(grades: Sequence[Grade], depth: int, console: Console) -> None:
    """Print how a step was judged, in as many lines as that takes."""
    indent = "  " * (depth + 1)
    line = Text(indent)
    for grade in grades:
        mark, colour = MARKS[grade.passed]
        name = printable(grade.spec.name) if grade.spec else "?"
        if len(line) > len(indent) and len(line) + len(name) + 4 > console.width:
            console.print(line)
            line = Text(indent)
        line.append(f"{mark} ", colour).append(f"{name}  ")
    if grades:
        console.print(line)


def _print_content(span: Span, depth: int, console: Console) -> None:
    """Print what a step was given and gave, a line each."""
    indent = "  " * (depth + 1)
    for name, value in (("in ", span.input), ("out", span.output), ("✗  ", span.error)):
        if value is not NOT_CAPTURED and value is not None:
            text = one_line(as_text(value), max(20, console.width - len(indent) - 5))
            console.print(Text(f"{indent}{name} {text}", "red" if name == "✗  " else "dim"))


def _fitted(text: str, width: int) -> str:
    return f"{text:{width}}" if len(text) <= width else f"{text[: width - 1]}…"

"""One case on the terminal: what was asked, what came of it in every trial, and how each grader
judged it.
"""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from regrade.domain import Attempt, Json, case_content
from regrade.domain.duration import show_duration
from regrade.ingest.spans import depth_first

from .plain import one_line, printable

MOST_SPANS = 60
"""Steps of an attempt that are shown."""
_WATERFALL = 30
MOST_TEXT = 4000
"""Characters of an answer or context that are shown."""
_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}
_APART = ("id", "input", "context")


def print_case(attempts: Sequence[Attempt], console: Console) -> None:
    """Print the case of some attempts, and each of them."""
    case = attempts[0].case
    console.print(Text(printable(case.id), "bold"))
    _print_value("input", case.input, console)
    if case.context is not None:
        _print_value("context", case.context, console)
    for name, value in case_content(case).items():
        if name not in _APART:
            console.print(Text.assemble((f"{name}: ", "dim"), one_line(_shown(value), 300)))
    for attempt in attempts:
        _print_attempt(attempt, len(attempts), console)


def _print_attempt(attempt: Attempt, trials: int, console: Console) -> None:
    trace = attempt.trace
    style = {"passed": "green", "failed": "red", "ungraded": "yellow"}[attempt.outcome]
    trial = f" trial {attempt.trial + 1}" if trials > 1 else ""
    took = "" if trace.latency_s is None else f"  {show_duration(trace.latency_s)}"
    tries = "" if trace.tries == 1 else f", {trace.tries} tries"
    console.print()
    console.print(
        Text.assemble((attempt.outcome.upper(), f"bold {style}"), trial, (took + tries, "dim"))
    )
    if trace.error is not None:
        console.print(Text(printable(f"{trace.error.kind}: {trace.error.message}"), "red"))
        if trace.error.traceback:
            console.print(Text(printable(trace.error.traceback.rstrip()), "dim"))
    if trace.is_captured:
        _print_value("output", trace.output, console)
    if trace.spans:
        _print_spans(attempt, console)
    for grade in attempt.grades:
        mark, colour = _MARKS[grade.passed]
        name = grade.spec.name if grade.spec else "?"
        speaks_for = f" ({grade.spec.criterion})" if grade.spec and grade.spec.criterion else ""
        optional = "" if grade.spec is None or grade.spec.required else " optional"
        console.print(
            Text.assemble(
                (f"{mark} ", colour),
                (printable(name), "bold"),
                (speaks_for + optional, "dim"),
                "  ",
                printable(grade.reason),
            )
        )
        for issue in grade.issues:
            console.print(Text(f"    · {one_line(issue, 300)}"))
    for failure in attempt.failures:
        said = f"{failure.error_type}: {failure.message}"
        console.print(
            Text.assemble(
                ("! ", "magenta"),
                (printable(failure.spec.name), "bold"),
                "  could not judge: ",
                printable(said),
            )
        )
        console.print(Text(printable(failure.traceback.rstrip()), "dim"))


def _print_spans(attempt: Attempt, console: Console) -> None:
    """Print the steps as a waterfall: a tree by name, and a bar from when to when."""
    spans = attempt.trace.spans
    begin = min(span.start_s for span in spans)
    end = max(span.start_s + (span.duration_s or 0) for span in spans)
    scale = _WATERFALL / max(end - begin, 1e-9)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(overflow="ellipsis", max_width=max(20, console.width // 3), no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    for depth, span in depth_first(spans)[:MOST_SPANS]:
        left = min(round((span.start_s - begin) * scale), _WATERFALL - 1)
        width = min(max(1, round((span.duration_s or 0) * scale)), _WATERFALL - left)
        took = "open" if span.duration_s is None else show_duration(max(span.duration_s, 1e-6))
        colour = "red" if span.error else "cyan"
        bar = Text(" " * left).append("━" * width, colour)
        table.add_row(Text(printable("  " * depth + span.name)), span.kind, bar, took)
        if span.error:
            table.add_row(Text(one_line(f"{'  ' * depth}  {span.error}", 200), "red"))
    console.print(Text(f"steps  {len(spans)}", "dim"))
    console.print(table)
    if len(spans) > MOST_SPANS:
        console.print(Text(f"… and {len(spans) - MOST_SPANS:,} more; --json gives all", "dim"))


def _print_value(name: str, value: Json, console: Console) -> None:
    console.print(Text(name, "dim"))
    text = _shown(value)
    more = (
        ""
        if len(text) <= MOST_TEXT
        else f"\n… and {len(text) - MOST_TEXT:,} characters more; --json gives all"
    )
    console.print(Text(printable(text[:MOST_TEXT]) + more))


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)

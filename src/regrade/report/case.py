"""One case on the terminal: what was asked, what came of it in every trial, and how each grader
judged it.
"""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from regrade.domain import Attempt, Component, Grade, Json, case_content
from regrade.domain.duration import show_duration

from .plain import one_line, printable
from .steps import MARKS, print_steps

MOST_TEXT = 4000
"""Characters of an answer or context that are shown."""
_APART = ("id", "input", "context")


def print_case(
    attempts: Sequence[Attempt], components: Sequence[Component], console: Console
) -> None:
    """Print the case of some attempts, and each of them with the steps of the components."""
    case = attempts[0].case
    console.print(Text(printable(case.id), "bold"))
    _print_value("input", case.input, console)
    if case.context is not None:
        _print_value("context", case.context, console)
    for name, value in case_content(case).items():
        if name not in _APART:
            console.print(Text.assemble((f"{name}: ", "dim"), one_line(_shown(value), 300)))
    for attempt in attempts:
        _print_attempt(attempt, len(attempts), components, console)


def _print_attempt(
    attempt: Attempt, trials: int, components: Sequence[Component], console: Console
) -> None:
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
        print_steps(attempt, components, console)
    for grade in attempt.grades:
        mark, colour = MARKS[grade.passed]
        name = grade.spec.name if grade.spec else "?"
        speaks_for, optional = _place(grade)
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


def _place(grade: Grade) -> tuple[str, str]:
    """What a grade speaks for, the component that it judges, and whether it is optional."""
    spec = grade.spec
    if spec is None:
        return "", ""
    at = f"at {spec.component}" if spec.component else ""
    parts = " ".join(part for part in (spec.criterion, at) if part)
    return (f" ({printable(parts)})" if parts else ""), "" if spec.required else " optional"


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

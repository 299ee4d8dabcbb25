"""A live trace on the terminal: why it was graded or not, and what was said of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from regrade.domain.live import Decision, Feedback, LiveTrace
from regrade.report.plain import one_line, printable

_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "dim")}


class StoredGrade(Protocol):
    """A grade of a live trace."""

    @property
    def monitor(self) -> str:
        """The monitor that asked."""

    @property
    def revision(self) -> int:
        """How often the trace had been closed."""

    @property
    def is_current(self) -> bool:
        """Whether nothing newer takes its place."""

    @property
    def document(self) -> Any:
        """What the grader says."""

    @property
    def graded_at(self) -> datetime:
        """When."""


def print_explanation(
    listed: LiveTrace,
    decisions: Sequence[Decision],
    grades: Sequence[StoredGrade],
    feedback: Sequence[Feedback],
    console: Console,
) -> None:
    """Print what each monitor decided, and what its graders said."""
    console.print()
    console.print(Text.assemble((listed.trace_id, "bold"), f"  {printable(_about(listed))}"))
    if listed.state == "open":
        console.print("  more of it is waited for; it is decided on when it is closed")
    elif not decisions:
        console.print("  no monitor has looked at it")
    for each in decisions:
        words = f"{each.monitor}: {each.outcome.replace('_', ' ')}, {each.why}"
        console.print(Text(f"  {printable(words)}"))
        for grade in grades:
            if (grade.monitor, grade.revision) == (each.monitor, each.revision):
                console.print(_grade(grade.document, is_current=grade.is_current))
    for said in feedback:
        words = f"a user gave {said.kind}: {said.value}" + (
            f" ({said.comment})" if said.comment else ""
        )
        console.print(Text(f"  {one_line(printable(words), 100)}"))


def _about(listed: LiveTrace) -> str:
    parts = [listed.name, listed.service, listed.version, listed.environment]
    took = None if listed.duration_ms is None else f"{listed.duration_ms:,.0f} ms"
    steps = None if listed.spans is None else f"{listed.spans} spans"
    failed = None if listed.error is None else f"failed: {one_line(listed.error, 60)}"
    return " · ".join(part for part in (*parts, took, steps, failed) if part)


def _grade(document: Mapping[str, Any], *, is_current: bool) -> Text:
    failure = document.get("failure")
    sign, colour = ("!", "yellow") if failure else _SIGNS[document.get("passed")]
    reason = one_line(printable(str(failure or document.get("reason") or "")), 90)
    old = "" if is_current else "  (superseded)"
    return Text.assemble(
        "    ", (sign, colour), f" {printable(str(document['name']))}: {reason}{old}"
    )

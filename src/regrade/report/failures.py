"""Failures by group, on the terminal and as JSON."""

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from regrade.analysis.similar import FailureGroup, FailureGroups

from . import words
from .document import failure_part
from .plain import one_line, printable
from .terminal import failure_lines

SCHEMA = "regrade/failures/1"
WHOLE = 3
"""Failures up to which a group is told whole; a larger one by its most typical failure."""
MOST_NAMED = 8
"""Cases of a group that are named beside the most typical one."""


def print_groups(found: FailureGroups, trials: int, console: Console) -> None:
    """Print the failures of a run, a group at a time, each told by its most typical failure."""
    if not found.groups:
        console.print("nothing failed")
        return
    number = sum(len(group.attempts) for group in found.groups)
    line = Text.assemble((words.of(number, "failure"), "bold"), " in ")
    line.append(words.of(len(found.groups), "group"), "bold")
    line.append(", by what their graders say", "dim")
    console.print(line)
    for group in found.groups:
        _print_group(group, trials, console)
    if found.unseen:
        console.print()
        chance = f"The next failure is of a kind not seen here with a chance of about {found.unseen:.0%}."
        console.print(Text(chance, "dim"))


def _print_group(group: FailureGroup, trials: int, console: Console) -> None:
    shown = len(group.attempts) if len(group.attempts) <= WHOLE else 1
    others = group.attempts[shown:]
    console.print()
    title = Text(f"{len(group.attempts)} × ", "bold red")
    console.print(title.append(", ".join(map(printable, group.terms)), "bold"))
    for attempt in group.attempts[:shown]:
        console.print(Padding(failure_lines(attempt, trials, console.width - 4), (0, 0, 0, 2)))
    if others:
        named = ", ".join(one_line(each.case.id, 40) for each in others[:MOST_NAMED])
        left = len(others) - MOST_NAMED
        more = f" and {left} more" if left > 0 else ""
        console.print(Padding(Text(f"also {named}{more}", "dim"), (0, 0, 0, 4)))


def groups_document(run_id: str, found: FailureGroups) -> dict[str, Any]:
    """Give the groups as JSON for other programs; keys are only ever added."""
    return {
        "schema": SCHEMA,
        "run_id": run_id,
        "failures": sum(len(group.attempts) for group in found.groups),
        "unseen": found.unseen,
        "groups": [
            {
                "terms": list(group.terms),
                "count": len(group.attempts),
                "typical": failure_part(group.attempts[0]).model_dump(),
                "attempts": [{"case": a.case.id, "trial": a.trial} for a in group.attempts],
            }
            for group in found.groups
        ],
    }

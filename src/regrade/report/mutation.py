"""What graders notice of what was broken on purpose: on the terminal and as JSON."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from regrade.analysis.mutation import BreakResult, Mutation
from regrade.domain import Json

from .plain import printable
from .words import interval, of, percent

MOST_GRADERS = 3
"""Graders that are named beside a break."""


def print_mutation(found: Mutation, console: Console) -> None:
    """Print every break with who noticed it, the least noticed first."""
    console.print()
    total = sum(each.noticed.n for each in found.breaks)
    told = f"  {of(found.good, 'good answer')} broken in {of(total, 'way')}"
    console.print(Text.assemble(("What do the graders notice?", "bold"), (told, "dim")))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("break", no_wrap=True)
    table.add_column("noticed", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("by", overflow="fold")
    for each in found.breaks:
        share = each.noticed.value or 0.0
        colour = "red" if not share else "yellow" if share < 0.9 else "green"
        table.add_row(
            each.name,
            Text(percent(share), colour),
            Text(interval(each.noticed), "dim"),
            str(each.noticed.n),
            Text(printable(_by(each))),
        )
    console.print(table)
    for line in mutation_words(found):
        console.print(Text(f"  {printable(line)}"))


def _by(each: BreakResult) -> str:
    named = [f"{name} {count}" for name, count in [*each.graders.items()][:MOST_GRADERS]]
    left = len(each.graders) - MOST_GRADERS
    return ", ".join([*named, *([f"and {left} more"] if left > 0 else [])]) or "nobody"


def mutation_words(found: Mutation) -> Iterator[str]:
    """Say which breaks nobody notices, which graders never fire, and what was not tried."""
    unnoticed = [each for each in found.breaks if not each.noticed.value]
    for each in unnoticed:
        where = f" (such as {each.unnoticed[0]})" if each.unnoticed else ""
        yield f"✗ nobody notices an answer that {each.words}{where}: a grader for it is missing"
    for each in found.breaks:
        if each.noticed.value and each.unnoticed:
            left = each.noticed.n - round((each.noticed.value or 0.0) * each.noticed.n)
            cases = ", ".join(each.unnoticed)
            more = "" if left <= len(each.unnoticed) else f" and {left - len(each.unnoticed)} more"
            yield f"? {each.name} not noticed in {of(left, 'case')}: {cases}{more}"
    silent = [grader.name for grader in found.graders if grader.never_fires]
    if silent:
        yield f"✗ graders that never fire, whatever is broken: {', '.join(silent)}"
    untouched = [grader.name for grader in found.graders if not grader.is_touched]
    if untouched:
        yield f"· not tried, since no break touches what they judge: {', '.join(untouched)}"
    if found.not_tried:
        yield f"· breaks that no answer has anything for: {', '.join(found.not_tried)}"


def mutation_document(found: Mutation) -> dict[str, Json]:
    """Give what was noticed as JSON for other programs; keys are only ever added."""
    return {
        "schema": "regrade/mutation/1",
        "good": found.good,
        "breaks": [
            {
                "name": each.name,
                "words": each.words,
                "noticed": {
                    "value": each.noticed.value,
                    "low": each.noticed.low,
                    "high": each.noticed.high,
                    "n": each.noticed.n,
                },
                "graders": dict(each.graders),
                "unnoticed": list(each.unnoticed),
            }
            for each in found.breaks
        ],
        "not_tried": list(found.not_tried),
        "graders": [
            {
                "name": each.name,
                "judged": each.judged,
                "failed": each.failed,
                "is_touched": each.is_touched,
                "never_fires": each.never_fires,
            }
            for each in found.graders
        ],
    }

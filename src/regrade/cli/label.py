"""`regrade label RUN`."""

import getpass
from pathlib import Path

import click
from rich.text import Text

from regrade import api
from regrade.api.people.label_files import export_labels, import_labels
from regrade.api.people.labelling import (
    Said,
    Scales,
    ToLabel,
    choose_labels,
    keep_label,
    label_criterion,
    scales_of,
)
from regrade.domain import LabelVerdict, Run, as_text
from regrade.report.plain import printable
from regrade.store import Store

from .root import DONE, INTERRUPTED
from .shared.options import screen

KEYS: dict[str, LabelVerdict] = {"p": "pass", "f": "fail", "u": "unsure"}
"""The key of each verdict."""
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("run")
@click.option(
    "--criterion", metavar="ID", help="The criterion; left out, the one that a judge speaks for."
)
@click.option(
    "--next",
    "number",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="How many answers.",
)
@click.option("--who", metavar="NAME", help="Your name; left out, that of your account.")
@click.option("--seed", type=int, default=0, help="Decides which answers are drawn.")
@click.option(
    "--scores", is_flag=True, help="Ask for the score of each of the judge's dimensions too."
)
@click.option(
    "--import", "source", type=FILE, metavar="FILE", help="Keep labels of a CSV or JSONL file."
)
@click.option(
    "--export", "goal", type=FILE, metavar="FILE", help="Write all labels as CSV or JSONL."
)
def command(  # noqa: PLR0913  one for each option
    *,
    run: str,
    criterion: str | None,
    number: int,
    who: str | None,
    seed: int,
    scores: bool,
    source: Path | None,
    goal: Path | None,
) -> int:
    """Label answers of a RUN: p passes, f fails, u is unsure, n adds a note, s skips, q ends.

    What graders say is not shown. Answers are drawn at random within each verdict of the judge,
    failures more often; labels are only ever added, and a later one of the same person counts instead.
    """
    who = who or getpass.getuser()
    with api.open_store() as store:
        loaded = api.load_run(run, store=store)
        if source is not None:
            new = import_labels(source, loaded, who=who, store=store)
            click.echo(f"kept {new} new {'label' if new == 1 else 'labels'} of {source}")
            return DONE
        if goal is not None:
            click.echo(f"wrote {export_labels(goal, loaded, store=store)} labels into {goal}")
            return DONE
        chosen_for = label_criterion(loaded, criterion)
        chosen = choose_labels(loaded, chosen_for, number, who=who, store=store, seed=seed)
        scales = scales_of(loaded, chosen_for) if scores else {}
        return _ask(loaded, chosen, chosen_for, who, store, scales)


def _ask(
    run: Run, chosen: list[ToLabel], criterion: str, who: str, store: Store, scales: Scales
) -> int:
    console = screen()
    about = run.header.suite.criteria[criterion]
    console.print(Text.assemble((criterion, "bold"), f"  {printable(about)}"))
    kept = 0
    for at, each in enumerate(chosen, start=1):
        _show(each, at, len(chosen))
        note = ""
        while True:
            click.echo("[p]ass  [f]ail  [u]nsure  [n]ote  [s]kip  [q]uit ", nl=False)
            try:
                key = click.getchar().lower()
            except (KeyboardInterrupt, EOFError):
                click.echo(f"\nkept {kept} labels")
                return INTERRUPTED
            click.echo(key if key.isprintable() else "")
            if key == "n":
                note = click.prompt("note", default="", show_default=False)
                continue
            if key in KEYS or key in "sq":
                break
        if key == "q":
            break
        if key in KEYS:
            given = {name: _score(name, *ends) for name, ends in scales.items()}
            said = Said(KEYS[key], note, given)
            keep_label(run, each, criterion, said, who=who, store=store)
            kept += 1
    click.echo(f"kept {kept} {'label' if kept == 1 else 'labels'} of {who}")
    return DONE


def _score(name: str, low: float, high: float) -> float:
    """Ask for the score of one dimension."""
    return float(click.prompt(f"{name} {low:g}-{high:g}", type=click.FloatRange(low, high)))


def _show(each: ToLabel, at: int, total: int) -> None:
    console, case, trace = screen(), each.attempt.case, each.attempt.trace
    console.print()
    console.print(Text.assemble((f"{at} of {total}  ", "dim"), (printable(case.id), "bold")))
    parts = [
        ("asked", case.input),
        ("context", case.context),
        ("expected", dict(case.expected) or None),
    ]
    for name, value in parts:
        if value is not None:
            console.print(Text.assemble((f"{name}  ", "dim"), printable(as_text(value))))
    said = (
        trace.output_text
        if trace.is_captured
        else f"no answer ({trace.error.message if trace.error else ''})"
    )
    console.print(Text.assemble(("answered  ", "dim"), printable(said)))

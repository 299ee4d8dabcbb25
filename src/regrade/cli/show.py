"""`regrade show RUN [CASE]`."""

import difflib

import click
from rich.console import Console

from regrade import api
from regrade.domain import Json, Run, trace_content
from regrade.domain.errors import UnknownRunError
from regrade.report.case import print_case
from regrade.report.terminal import failure_lines, print_run

from .options import print_json, print_run_document, screen
from .root import DONE


@click.command()
@click.argument("run")
@click.argument("case", required=False)
@click.option("--failures", is_flag=True, help="Show every failed attempt with its reasons.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: the Run document, or the attempts at the case.",
)
def command(*, run: str, case: str | None, failures: bool, as_json: bool) -> int:
    """Show a RUN again, its failures, or what happened at one CASE of it.

    RUN is an id, the beginning of one, a label, or `last`.
    """
    with api.open_store() as store:
        loaded = api.load_run(run, store=store)
    console = screen()
    if case is not None:
        _show_case(loaded, case, console, as_json=as_json)
    elif as_json:
        print_run_document(loaded)
    elif failures:
        _show_failures(loaded, console)
    else:
        print_run(loaded, console)
    return DONE


def _show_case(run: Run, case_id: str, console: Console, *, as_json: bool) -> None:
    found = next((case for case in run.dataset.cases if case.id == case_id), None)
    if found is None:
        ids = [case.id for case in run.dataset.cases]
        close = difflib.get_close_matches(case_id, ids, n=1)
        hint = (
            f"did you mean {close[0]!r}?"
            if close
            else f"it has {', '.join(ids[:3])} and {max(len(ids) - 3, 0)} more"
        )
        raise UnknownRunError(f"the run {run.header.run_id} has no case {case_id!r}; {hint}")
    attempts = sorted(
        (a for a in run.attempts if a.case.id == case_id), key=lambda attempt: attempt.trial
    )
    if as_json:
        print_json(
            [
                _attempt(attempt.outcome, trace_content(attempt.trace), attempt.trial, run)
                | {
                    "grades": [
                        {
                            "grader": grade.spec.name if grade.spec else None,
                            "passed": grade.passed,
                            "score": grade.score,
                            "label": grade.label,
                            "reason": grade.reason,
                            "issues": list(grade.issues),
                        }
                        for grade in attempt.grades
                    ]
                }
                for attempt in attempts
            ]
        )
    else:
        print_case(found, attempts, console)


def _attempt(outcome: str, trace: Json, trial: int, run: Run) -> dict[str, Json]:
    return {"run_id": run.header.run_id, "trial": trial, "outcome": outcome, "trace": trace}


def _show_failures(run: Run, console: Console) -> None:
    if not run.summary.failures:
        click.echo("nothing failed")
    for attempt in run.summary.failures:
        console.print(failure_lines(attempt, run.header.trials, console.width))

"""`regrade show RUN [CASE]`."""

import click
from rich.console import Console

from regrade import api
from regrade.domain import Run
from regrade.report.case import print_case
from regrade.report.terminal import failure_lines, print_run

from .root import DONE
from .shared.options import print_attempts_document, print_run_document, screen


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
    console = screen()
    with api.open_store() as store:
        if case is not None:
            attempts = api.load_attempts(run, case, store=store)
            if as_json:
                print_attempts_document(attempts)
            else:
                print_case(attempts, console)
            return DONE
        loaded = api.load_run(run, store=store)
    if as_json:
        print_run_document(loaded)
    elif failures:
        _show_failures(loaded, console)
    else:
        print_run(loaded, console)
    return DONE


def _show_failures(run: Run, console: Console) -> None:
    if not run.summary.failures:
        click.echo("nothing failed")
    for attempt in run.summary.failures:
        console.print(failure_lines(attempt, run.header.trials, console.width))

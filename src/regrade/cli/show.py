"""`regrade show RUN [CASE]`."""

import click

from regrade import api
from regrade.domain import Run
from regrade.report.case import print_case
from regrade.report.terminal import print_run

from .root import DONE
from .shared.options import print_attempts_document, print_json, print_run_document, screen


@click.command()
@click.argument("run")
@click.argument("case", required=False)
@click.option("--failures", is_flag=True, help="Show the failed attempts, those alike together.")
@click.option(
    "--cut",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="With --failures: how different failures of one group may be.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: the Run document, the groups of failures, or the attempts at the case.",
)
def command(*, run: str, case: str | None, failures: bool, cut: float, as_json: bool) -> int:
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
                print_case(attempts, store.find(run).suite.components, console)
            return DONE
        loaded = api.load_run(run, store=store)
        notes = [] if failures or as_json else api.judge_notes(loaded, store=store)
    if failures:
        _show_failures(loaded, cut, as_json=as_json)
    elif as_json:
        print_run_document(loaded)
    else:
        print_run(loaded, console, notes)
    return DONE


def _show_failures(run: Run, cut: float, *, as_json: bool) -> None:
    from regrade.analysis.similar import group_failures  # noqa: PLC0415  loads numpy
    from regrade.report.failures import groups_document, print_groups  # noqa: PLC0415  the same

    found = group_failures(run.summary.failures, cut=cut)
    if as_json:
        print_json(groups_document(run.header.run_id, found))
    else:
        print_groups(found, run.header.trials, screen())

"""`regrade grade RUN`."""

from pathlib import Path

import click

from regrade import api
from regrade.report.terminal import print_run

from .shared.memory import keep_for_good
from .shared.options import SUITE, print_run_document, screen
from .shared.outcome import cache_notes, exit_code
from .shared.watching import watching


@click.command()
@click.argument("run")
@click.option("--suite", type=SUITE, help="The suite whose graders judge; left out, the run's own.")
@click.option("--label", metavar="NAME", help="A name for the new run.")
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="USD", help="Start no further attempt after it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the Run document alone.")
def command(
    *, run: str, suite: Path | None, label: str | None, max_cost: float | None, as_json: bool
) -> int:
    """Judge the stored answers of a RUN again, without asking the target, and keep the result as a
    new run.

    RUN is an id, the beginning of one, a label, or `last`.
    """
    keep_for_good()
    with api.open_store() as store, watching(screen(stderr=True)) as watcher:
        done = api.blocking(
            lambda: api.regrade_stored(
                run, suite, store=store, label=label, watch=watcher, max_cost_usd=max_cost
            )
        )
    if as_json:
        print_run_document(done.run)
    else:
        print_run(done.run, screen(), (*done.aftermath.notes, *cache_notes(done.aftermath)))
    return exit_code(done.run.summary)

"""`regrade baseline show|update SUITE`."""

from pathlib import Path

import click

from regrade import api
from regrade.api.gating import baseline_path
from regrade.domain.errors import UsageError
from regrade.report.terminal import print_run

from .root import DONE
from .shared.options import SUITE, screen


@click.group()
def command() -> None:
    """Show or update the baseline that is committed beside a suite: SUITE.baseline.json."""


@command.command()
@click.argument("suite", type=SUITE)
def show(*, suite: Path) -> int:
    """Show what the committed baseline of SUITE says."""
    loaded = api.load_suite(suite)
    path = baseline_path(suite)
    if not path.is_file():
        raise UsageError(f"there is no {path}; make it with: regrade baseline update {suite}")
    with api.open_store() as store:
        run = api.find_baseline(str(path), suite, loaded, store=store)
    assert run is not None, "a file was named"
    print_run(run, screen())
    return DONE


@command.command()
@click.argument("suite", type=SUITE)
@click.option(
    "--run", "reference", metavar="RUN", default="last", show_default=True, help="The run to keep."
)
def update(*, suite: Path, reference: str) -> int:
    """Write a stored run as the baseline of SUITE, to be reviewed and committed."""
    loaded = api.load_suite(suite)
    with api.open_store() as store:
        path, run = api.write_baseline(reference, suite, loaded, store=store)
    summary = run.summary
    click.echo(
        f"wrote {path}: {summary.passed} of {summary.made} attempts pass ({run.header.run_id}); commit it"
    )
    return DONE

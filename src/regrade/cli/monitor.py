"""`regrade monitor`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from regrade import api
from regrade.domain.duration import read_duration
from regrade.domain.errors import UsageError
from regrade.online import Backfill, backfill, keep_file, live_rates, watched
from regrade.report.live.monitors import print_monitor
from regrade.report.words import of

from .root import DONE
from .shared.options import screen

PROJECT = click.option("--project", default="default", show_default=True, help="The project.")


@click.group()
def command() -> None:
    """Keep, list and backfill the monitors of live traffic."""


@command.command("list")
@PROJECT
def list_monitors(*, project: str) -> int:
    """List the monitors, what they decided, and the rates of their graders over all traffic."""
    console = screen()
    with api.open_store() as store:
        key = store.live.projects.key(project)
        counts = store.live.decisions.counts(key)
        found = watched(store, key)
        for each in found:
            own = {o: n for (name, o), n in counts.items() if name == each.monitor.name}
            print_monitor(each.monitor, own, live_rates(store, key, each.monitor.name), console)
    if not found:
        click.echo("no monitor yet; `regrade monitor keep FILE` keeps those of a file")
    return DONE


@command.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PROJECT
def keep(*, path: Path, project: str) -> int:
    """Keep the monitors of a file; those of the same name are changed, and what they decided stays."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        kept = keep_file(store, key, path)
    click.echo(f"kept {', '.join(each.monitor.name for each in kept)}")
    return DONE


@command.command("backfill")
@click.argument("monitor")
@PROJECT
@click.option("--since", metavar="DURATION", help="Only traces that began so long ago at most: 7d.")
@click.option(
    "--sample", type=click.FloatRange(0, 1), help="The share to grade; left out, the monitor's."
)
@click.option("--yes", is_flag=True, help="Do it; without, only what it would do is said.")
def backfill_traces(
    *, monitor: str, project: str, since: str | None, sample: float | None, yes: bool
) -> int:
    """Have a MONITOR decide on traces that came before it; workers grade what it chooses."""
    try:
        begin = (
            None if since is None else datetime.now(UTC) - timedelta(seconds=read_duration(since))
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    with api.open_store() as store:
        found = backfill(
            store, store.live.projects.key(project), monitor, since=begin, sample=sample, only_estimate=not yes
        )  # fmt: skip
    click.echo(_words(found, done=yes))
    return DONE


def _words(found: Backfill, *, done: bool) -> str:
    cost = (
        "at an unknown cost"
        if found.cost_usd is None
        else f"for about ${found.cost_usd:.2f} of judges"
    )
    chosen = f"{of(found.graded, 'trace')} of {found.traces:,}"
    if done:
        return f"{chosen} wait to be graded, {cost}"
    return f"{chosen} would be graded, {cost}; --yes has it done"

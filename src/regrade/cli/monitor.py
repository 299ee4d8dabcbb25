"""`regrade monitor`."""

from pathlib import Path

import anyio
import click

from regrade import api
from regrade.domain.errors import UsageError
from regrade.online import backfill, keep_file, live_rates, watched
from regrade.online.alerts import tried
from regrade.online.alerts.summary import last_period, summarized
from regrade.online.monitors import EventClock, backtest, canary, monitor_estimates
from regrade.report.live.monitors import backfill_words, print_monitor
from regrade.report.live.summary import summary_html, summary_markdown
from regrade.report.live.watching import print_backtest, print_canary, print_estimates

from .root import DONE, GATE_FAILED
from .shared.live import monitor_of, project_option, read_since, since_ms, since_option
from .shared.options import screen


@click.group()
def command() -> None:
    """Keep, list, backfill and try out the monitors of live traffic."""


@command.command("list")
@project_option
def list_monitors(*, project: str) -> int:
    """List the monitors, what they decided, and their rates: of all traffic, and as they are watched."""
    console = screen()
    with api.open_store() as store:
        key = store.live.projects.key(project)
        counts = store.live.decisions.counts(key)
        found = watched(store, key)
        for each in found:
            own = {o: n for (name, o), n in counts.items() if name == each.monitor.name}
            print_monitor(each.monitor, own, live_rates(store, key, each.monitor.name), console)
            estimates = monitor_estimates(store, key, each.monitor)
            if estimates is not None:
                print_estimates(estimates, console)
    if not found:
        click.echo("no monitor yet; `regrade monitor keep FILE` keeps those of a file")
    return DONE


@command.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@project_option
def keep(*, path: Path, project: str) -> int:
    """Keep the monitors of a file; those of the same name are changed, and what they decided stays."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        kept = keep_file(store, key, path)
    click.echo(f"kept {', '.join(each.monitor.name for each in kept)}")
    return DONE


@command.command("backfill")
@click.argument("monitor")
@project_option
@since_option
@click.option(
    "--sample", type=click.FloatRange(0, 1), help="The share to grade; left out, the monitor's."
)
@click.option("--yes", is_flag=True, help="Do it; without, only what it would do is said.")
def backfill_traces(
    *, monitor: str, project: str, since: str | None, sample: float | None, yes: bool
) -> int:
    """Have a MONITOR decide on traces that came before it; workers grade what it chooses."""
    begin = read_since(since)
    with api.open_store() as store:
        found = backfill(
            store, store.live.projects.key(project), monitor, since=begin, sample=sample, only_estimate=not yes
        )  # fmt: skip
    click.echo(backfill_words(found.graded, found.traces, found.cost_usd, done=yes))
    return DONE


@command.command("backtest")
@click.argument("monitor")
@project_option
@since_option
def backtest_monitor(*, monitor: str, project: str, since: str | None) -> int:
    """Say what a MONITOR would have said of the traffic that is stored, and how soon it would see drops."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        found = backtest(store, key, monitor_of(store, key, monitor), since_ms=since_ms(since))
    print_backtest(found, screen())
    return DONE


@command.command("canary")
@click.argument("monitor")
@click.argument("base")
@click.argument("candidate")
@project_option
@since_option
@click.option(
    "--margin",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="The drop that is tolerated.",
)
def compare_versions(
    *, monitor: str, base: str, candidate: str, project: str, since: str | None, margin: float
) -> int:
    """Compare the version CANDIDATE with BASE while both run: stop, promote, or go on. Exit code 1 says stop.

    It may be asked as often as one likes: the rule holds at every look.
    """
    with api.open_store() as store:
        key = store.live.projects.key(project)
        begin = since_ms(since)
        found = canary(store, key, monitor, base, candidate, margin=margin, since_ms=begin)
    print_canary(found, base, candidate, screen())
    return GATE_FAILED if found.verdict == "stop" else DONE


@command.command("summary")
@click.option("--period", type=click.Choice(["day", "week"]), default="day", show_default=True)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a page instead."
)
@project_option
def summarize_traffic(*, period: str, html: Path | None, project: str) -> int:
    """Print the summary of the last whole day or week (UTC) as Markdown."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        begin, end = last_period(period, EventClock.of_settings().now_ms())
        found = summarized(store, key, begin, end)
    if html is None:
        click.echo(summary_markdown(found), nl=False)
    else:
        html.write_text(summary_html(found), encoding="utf-8")
    return DONE


@command.command("test-alert")
@click.argument("channel", required=False)
@project_option
def test_alert(*, channel: str | None, project: str) -> int:
    """Send a message that says that it is a test to a CHANNEL, or to all; exit code 1 where one does not arrive."""
    with api.open_store() as store:
        channels = store.live.alerts.alerting(store.live.projects.key(project)).channels
    some = [each for each in channels if channel in (None, each.name)]
    if not some:
        known = ", ".join(each.name for each in channels) or "none"
        raise UsageError(f"there is no such channel; there are: {known}")
    failed = False
    for each in some:
        fault = anyio.run(tried, each)
        failed = failed or fault is not None
        click.echo(f"{each.name}: {'sent' if fault is None else f'not sent: {fault}'}")
    return GATE_FAILED if failed else DONE

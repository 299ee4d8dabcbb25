"""`regrade alerts`."""

import click

from regrade import api
from regrade.domain.duration import read_duration
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.domain.live import AlertState
from regrade.online.alerts import change_alert, mute_series
from regrade.online.monitors import EventClock
from regrade.report.live.watching import print_alert, print_alerts

from .root import DONE
from .shared.live import monitor_of, project_option
from .shared.options import screen


@click.group()
def command() -> None:
    """List alerts, show the evidence of one, acknowledge, close and mute them."""


@command.command("list")
@click.option("--all", "ended", is_flag=True, help="Those that are over, too.")
@project_option
def list_alerts(*, ended: bool, project: str) -> int:
    """List the alerts that are not over, the newest first."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        found = store.live.alerts.listed(key, is_open=None if ended else True)
    if found:
        print_alerts(found, screen())
    else:
        click.echo("no alert" if ended else "no alert that is not over; --all lists the others")
    return DONE


@command.command()
@click.argument("alert", type=int)
@project_option
def show(*, alert: int, project: str) -> int:
    """Show an ALERT: since when, how sure, rates before and after, what explains it, traces to look at."""
    with api.open_store() as store:
        key = store.live.projects.key(project)
        found = store.live.alerts.get(key, alert)
        years = store.live.alerts.alerting(key).years
    if found is None:
        raise UnknownRunError(f"there is no alert {alert}")
    print_alert(found, years, screen())
    return DONE


@command.command()
@click.argument("alert", type=int)
@project_option
def acknowledge(*, alert: int, project: str) -> int:
    """Say that somebody looks at an ALERT."""
    return _change(alert, project, "acknowledged")


@command.command()
@click.argument("alert", type=int)
@project_option
def resolve(*, alert: int, project: str) -> int:
    """Close an ALERT; its detectors begin anew."""
    return _change(alert, project, "resolved")


@command.command()
@click.argument("monitor")
@click.option("--series", default="", help="One rate, by its name in `alerts list`; left out, all.")
@click.option("--for", "duration", default="1d", show_default=True, metavar="DURATION")
@project_option
def mute(*, monitor: str, series: str, duration: str, project: str) -> int:
    """Send nothing of a MONITOR for a while; alerts are raised and listed all the same."""
    try:
        seconds = read_duration(duration)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with api.open_store() as store:
        key = store.live.projects.key(project)
        monitor_of(store, key, monitor)
        until = EventClock.of_settings().now_ms() + round(seconds * 1000)
        mute_series(store, key, monitor, series, until)
    click.echo(f"{monitor} is muted for {duration}")
    return DONE


def _change(alert: int, project: str, state: AlertState) -> int:
    with api.open_store() as store:
        key = store.live.projects.key(project)
        changed = change_alert(store, key, alert, state, EventClock.of_settings())
    click.echo(f"alert {changed.alert} is {changed.state}")
    return DONE

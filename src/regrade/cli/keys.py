"""`regrade keys`."""

import time
from datetime import UTC, datetime

import click

from regrade import api
from regrade.domain.duration import read_duration
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.domain.live import ROLES

from .root import DONE


@click.group()
def command() -> None:
    """Make, list and end the keys with which a server may be called from elsewhere."""


@command.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="ingest",
    show_default=True,
    help="What it allows: to send; to read too; to label, promote and look after alerts too; to change everything.",
)
@click.option(
    "--project", default="default", show_default=True, help="The project that it is good for."
)
@click.option(
    "--per-minute", type=click.IntRange(1), metavar="N", help="Requests that it may send a minute."
)
@click.option("--expires", metavar="DURATION", help="When it ends by itself: 30d.")
def make(*, name: str, role: str, project: str, expires: str | None, per_minute: int | None) -> int:
    """Make a key, and show it once: only its hash is kept."""
    now_ms = time.time_ns() // 1_000_000
    try:
        ends = None if expires is None else now_ms + round(read_duration(expires) * 1000)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with api.open_store() as store:
        live = store.live
        secret = live.keys.make(
            live.projects.key(project), name, role, now_ms, expires_ms=ends, per_minute=per_minute
        )
        live.keys.write_down("this machine", "made a key", {"name": name, "role": role}, now_ms)
    click.echo(secret)
    click.echo("It is shown nowhere again. Send it as: Authorization: Bearer …", err=True)
    return DONE


@command.command("list")
def list_keys() -> int:
    """List the keys, without their secrets."""
    now = datetime.now(UTC)
    with api.open_store() as store:
        names = {number: name for name, number in store.live.projects.names().items()}
        for key in store.live.keys.all():
            state = "good" if key.is_good(now) else "ended"
            until = f" until {key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else ""
            click.echo(
                f"{key.key:>4}  {key.name}  {key.role}  {names[key.project]}  {state}{until}"
            )
    return DONE


@command.command()
@click.argument("number", type=int)
def end(*, number: int) -> int:
    """End the key of that NUMBER (`regrade keys list`), at once."""
    now_ms = time.time_ns() // 1_000_000
    with api.open_store() as store:
        if not store.live.keys.end(number, now_ms):
            raise UnknownRunError(f"there is no good key {number}; `regrade keys list` lists all")
        store.live.keys.write_down("this machine", "ended a key", {"key": number}, now_ms)
    click.echo(f"ended key {number}")
    return DONE

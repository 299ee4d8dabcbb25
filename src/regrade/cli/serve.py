"""`regrade serve`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from regrade import api
from regrade.domain.errors import UsageError
from regrade.online import Timing, keep_file
from regrade.server import Serving, serve
from regrade.server.guard import LOOPBACK
from regrade.store import Store

from .root import DONE
from .shared.options import close_after_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option("--port", type=click.IntRange(0, 65_535), default=4318, show_default=True)
@click.option(
    "--monitors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Monitors to keep before it starts; those of the same name are changed.",
)
@click.option(
    "--project", default="default", show_default=True, help="The project of the monitors."
)
@click.option("--keys", "needs_keys", is_flag=True, help="Ask for keys on this machine, too.")
@close_after_option
@click.option("--grpc", is_flag=True, help="Take OTLP over gRPC, too.")
@click.option("--grpc-port", type=click.IntRange(0, 65_535), default=4317, show_default=True)
@click.option(
    "--no-worker", is_flag=True, help="Only take in: others close and grade (`regrade worker`)."
)
def command(  # noqa: PLR0913  one for each option
    *,
    host: str,
    port: int,
    monitors: Path | None,
    project: str,
    needs_keys: bool,
    close_after: float,
    grpc: bool,
    grpc_port: int,
    no_worker: bool,
) -> int:
    """Take in traces of OpenTelemetry exporters, keep them, and grade those that monitors choose.

    On this machine no key is needed. Listening anywhere else needs one: `regrade keys make`.
    """
    is_here = host.lower() in LOOPBACK
    with api.open_store() as store:
        if not is_here:
            _check_keys(store, host)
        if monitors is not None:
            kept = keep_file(store, store.live.projects.key(project), monitors)
            click.echo(f"monitors: {', '.join(each.monitor.name for each in kept)}")
        place, shown = store.place, store.shown
    click.echo(
        f"http://{host}:{port} takes /v1/traces and /v1/logs into {shown}; a browser shows it"
    )
    serve(
        Serving(
            place=place,
            needs_keys=needs_keys or not is_here,
            timing=Timing(quiet_s=close_after),
            works=not no_worker,
            grpc=f"{host}:{grpc_port}" if grpc else None,
        ),
        host=host,
        port=port,
    )
    return DONE


def _check_keys(store: Store, host: str) -> None:
    """Refuse to be called from elsewhere without keys.

    Raises: UsageError.
    """
    if not any(key.is_good(datetime.now(UTC)) for key in store.live.keys.all()):
        raise UsageError(
            f"{host} can be called from elsewhere, and there is no key: make one first, with `regrade keys make NAME`"
        )

"""`regrade backup FILE`."""

from pathlib import Path

import click

from regrade import api

from .root import DONE


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def command(*, path: Path) -> int:
    """Write a consistent copy of the database into a FILE that is not there yet, while everything runs.

    To restore it, put it where REGRADE_DB says. Of Postgres its own tools make copies.
    """
    with api.open_store() as store:
        store.back_up(path)
        click.echo(f"wrote {path.stat().st_size / 1e6:.1f} MB into {path}")
    return DONE

"""What commands about live traffic share."""

from datetime import UTC, datetime, timedelta

import click

from regrade.domain.duration import read_duration
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.online import Watched, watched
from regrade.store import Store

project_option = click.option(
    "--project", default="default", show_default=True, help="The project."
)
since_option = click.option(
    "--since", metavar="DURATION", help="Only what began so long ago at most: 7d."
)


def read_since(given: str | None) -> datetime | None:
    """Give the moment that lies so long ago.

    Raises: UsageError.
    """
    if given is None:
        return None
    try:
        return datetime.now(UTC) - timedelta(seconds=read_duration(given))
    except ValueError as error:
        raise UsageError(str(error)) from None


def since_ms(given: str | None) -> int:
    """Give the same in milliseconds since 1970; 0 where nothing is given."""
    moment = read_since(given)
    return 0 if moment is None else round(moment.timestamp() * 1000)


def monitor_of(store: Store, project: int, name: str) -> Watched:
    """Find a monitor.

    Raises: UnknownRunError where there is none.
    """
    found = next((w for w in watched(store, project) if w.monitor.name == name), None)
    if found is None:
        raise UnknownRunError(f"there is no monitor {name!r} in this project")
    return found

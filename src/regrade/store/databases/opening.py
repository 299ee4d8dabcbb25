"""The database that a place names."""

from pathlib import Path

from .connection import Connection
from .sqlite import SqliteConnection


def is_postgres(place: Path | str) -> bool:
    """Whether a place is an address of Postgres and not a path."""
    return isinstance(place, str) and place.startswith(("postgresql://", "postgres://"))


def open_connection(place: Path | str) -> Connection:
    """Open a database, make its tables if there are none, and bring them up to date.

    Raises: StoreError.
    """
    if isinstance(place, str) and is_postgres(place):
        from .postgres import PostgresConnection  # noqa: PLC0415  an extra, where it is asked for

        return PostgresConnection(place)
    return SqliteConnection(Path(place))

"""A SQLite database that strangers' queries may read: nothing can be written, and none runs for
ever.

The queries are a model's, so three things hold them: the connection is read-only, an authorizer
lets pass reads alone, and a step limit ends what would not end.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import apsw

from regrade.domain import Json

Row: TypeAlias = tuple[Json, ...]

MOST_ROWS = 10_000
"""Rows that a result may have."""
MOST_STEPS = 50_000_000
"""Instructions of SQLite's virtual machine that a query may take: about a second."""
_STEPS_AT_ONCE = 10_000
_ALLOWED = frozenset(
    {apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}
)
_FORBIDDEN_FUNCTIONS = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}
)


class QueryError(Exception):
    """Why a query cannot be executed, as the beginning of a sentence."""

    label = "not executable"


class Database:
    """Prepares and executes queries."""

    def __init__(self, path: str | None, setup: str | None) -> None:
        """Open the file read-only, or make a database in memory by the statements.

        Raises: ValueError.
        """
        self._connection = _opened(path) if path else _made(setup or "")
        self._steps = 0
        self._connection.authorizer = _authorize
        self._connection.set_progress_handler(self._went_on, _STEPS_AT_ONCE)

    def prepare(self, query: str) -> None:
        """Look whether SQLite takes the query, without executing it.

        Raises: QueryError.
        """
        self._rows(f"EXPLAIN {query}")

    def execute(self, query: str) -> list[Row]:
        """Give the rows of a query.

        Raises: QueryError.
        """
        return self._rows(query)

    def _rows(self, query: str) -> list[Row]:
        self._steps = 0
        rows: list[Row] = []
        try:
            for row in self._connection.execute(query):
                rows.append(tuple(row))
                if len(rows) > MOST_ROWS:
                    raise QueryError(f"The query gives more than {MOST_ROWS:,} rows")
        except apsw.InterruptError:
            raise QueryError("The query takes too long") from None
        except apsw.Error as error:
            raise QueryError(f"The query cannot be executed ({error})") from None
        return rows

    def _went_on(self) -> bool:
        self._steps += _STEPS_AT_ONCE
        return self._steps > MOST_STEPS


def _opened(path: str) -> apsw.Connection:
    if not Path(path).is_file():
        raise ValueError(f"the database {path} is not there")
    try:
        connection = apsw.Connection(f"{Path(path).resolve().as_uri()}?mode=ro", flags=_READ_ONLY)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except apsw.Error as error:
        raise ValueError(f"the database {path} cannot be opened: {error}") from None
    return connection


_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def tables_of(schema: Mapping[str, Sequence[str]]) -> str:
    """Give the statements that make empty tables of a schema."""
    return ";".join(
        f"CREATE TABLE {_name(table)} ({', '.join(map(_name, columns))})"
        for table, columns in schema.items()
    )


def _name(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _made(setup: str) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    try:
        connection.execute(setup)
    except apsw.Error as error:
        raise ValueError(f"the `setup` statements fail: {error}") from None
    return connection


def _authorize(
    operation: int, _first: str | None, second: str | None, _database: str | None, _by: str | None
) -> int:
    if operation not in _ALLOWED or (
        operation == apsw.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS
    ):
        return int(apsw.SQLITE_DENY)
    return int(apsw.SQLITE_OK)

"""A connection to the SQLite database: its settings, its transactions, and errors that say what to
do.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from regrade.domain.errors import StoreError, UsageError
from regrade.store.schema import MIGRATIONS, NEWEST

from .connection import Connection, Row

BUSY_TIMEOUT_MS = 30_000
"""Milliseconds to wait for another process's transaction."""

_BEFORE_FIRST_TABLE = (
    "PRAGMA page_size = 16384",
)  # traces are large rows: fewer, larger pages read faster
_ALWAYS = (
    "PRAGMA journal_mode = WAL",  # readers and one writer do not wait for each other
    "PRAGMA synchronous = FULL",  # what was reported as stored outlives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",  # in KiB when negative
    "PRAGMA temp_store = MEMORY",
)


class SqliteConnection(Connection):
    """One open database file; its methods may be called from any thread, one at a time."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        """Open the file, make it if there is none, and bring its schema up to date.

        Raises: StoreError.
        """
        self.path = self.place = path
        self.shown = str(path)
        self._lock = threading.RLock()
        with explained(path):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"the folder {path.parent} cannot be made: {error.strerror}; set REGRADE_DB to another place"
                ) from None
            self._db = apsw.Connection(str(path))
            self._db.set_busy_timeout(BUSY_TIMEOUT_MS)
            is_new = self._is_new()
            if is_new:
                self._run(_BEFORE_FIRST_TABLE)
            self._run(_ALWAYS)
            self._migrate(has_tables=not is_new)

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._db.execute(statement).fetchall()

    def _is_new(self) -> bool:
        return not self._db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()

    def _migrate(self, *, has_tables: bool) -> None:
        if self._version() == NEWEST:
            return
        with self.transaction():
            self.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
            found = self._version()
            if found == 0 and has_tables:
                raise StoreError(
                    f"{self.path} is another program's database; set REGRADE_DB to another file"
                )
            if found > NEWEST:
                raise StoreError(
                    f"{self.path} was written by a newer regrade (schema {found}, this one knows {NEWEST}); "
                    "upgrade regrade, or set REGRADE_DB to another file"
                )
            for migration in MIGRATIONS:
                if migration.version > found:
                    for statement in (*migration.statements, *migration.sqlite):
                        self.execute(statement)
            self.execute("DELETE FROM schema_version")
            self.execute("INSERT INTO schema_version VALUES (?)", (NEWEST,))

    def _version(self) -> int:
        if not self._db.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"
        ).fetchall():
            return 0
        rows: list[Row] = self._db.execute("SELECT version FROM schema_version").fetchall()
        return int(rows[0][0]) if rows else 0

    @contextmanager
    def transaction(self, *, alone: bool = True) -> Iterator[None]:
        """Do all or nothing; takes the write lock at once, so that two writers wait instead of
        failing.

        Raises: StoreError.
        """
        del alone  # writers are always alone here
        with self._lock, explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Raises: StoreError.
        """
        with self._lock, explained(self.path):
            return self._db.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> int:
        """Run one statement for many rows; gives how many rows of the table changed.

        Raises: StoreError.
        """
        with self._lock, explained(self.path):
            before = self._db.total_changes()
            self._db.executemany(statement, rows).fetchall()
            return self._db.total_changes() - before

    def insert(self, statement: str, values: Sequence[object]) -> int:
        """Insert one row and give its integer key."""
        with self._lock, explained(self.path):
            self._db.execute(statement, values)
            return self._db.last_insert_rowid()

    def traces_with(self, words: Sequence[str], project: int, limit: int) -> list[int]:
        """Give the newest traces of a project that have words of letters and digits alone, of the last one at
        least its beginning.
        """
        asked = " ".join(f'"{word}"' for word in words)
        rows = self.execute(
            "SELECT trace FROM live_search JOIN live_traces ON trace = live_search.rowid "
            "WHERE live_search MATCH ? AND +project = ? ORDER BY live_search.rowid DESC LIMIT ?",
            (f"{asked}*", project, limit),
        )
        return [int(trace) for (trace,) in rows]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def back_up(self, path: Path) -> None:
        """Write a consistent copy into a file that is not there yet.

        Raises: UsageError when it is there, StoreError.
        """
        if path.exists():
            raise UsageError(f"{path} is there already; a copy is written into a new file")
        with self._lock, explained(path):
            self._db.execute("VACUUM INTO ?", (str(path),)).fetchall()

    def facts(self) -> dict[str, str]:
        """Give what settings it runs with."""
        names = ("journal_mode", "synchronous", "foreign_keys", "page_size")
        return {name: str(self.execute(f"PRAGMA {name}")[0][0]) for name in names}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that say what to do."""
    try:
        yield
    except apsw.BusyError:
        raise StoreError(
            f"{path} has been locked by another process for {BUSY_TIMEOUT_MS // 1000} s; is one stuck?"
        ) from None
    except (apsw.ReadOnlyError, apsw.PermissionsError):
        raise StoreError(
            f"{path} cannot be written: it or its folder is read-only; set REGRADE_DB to another place"
        ) from None
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreError(
            f"{path} is not a sound regrade database ({error}); move it away, or restore a copy of it"
        ) from None
    except apsw.CantOpenError:
        raise StoreError(
            f"{path} cannot be opened; look at its folder and permissions, or set REGRADE_DB"
        ) from None
    except (apsw.FullError, apsw.IOError) as error:
        raise StoreError(f"{path} cannot be written ({error}): is the disk full?") from None


def sqlite_version() -> str:
    """Name the SQLite that comes along with apsw."""
    return f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})"

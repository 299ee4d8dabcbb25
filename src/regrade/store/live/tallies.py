"""Results by tick, and the detectors that take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Json
from regrade.domain.live import Series, series_of
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection

Count = tuple[int, int]
"""Passes, and observations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """How far the clock of a monitor has come."""

    version: str
    """The version of the monitor with which its detectors were started."""
    started_at: int
    """When that was."""
    next_at: int
    """The beginning of the tick that is closed next."""
    document: Json
    """What else the clock remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyRow:
    """What one tick brought of one series."""

    series: Series
    """The series."""
    at: int
    """The beginning of the tick, in milliseconds since 1970."""
    passed: int
    """Passes."""
    total: int
    """Observations."""
    late: int
    """Those that came after the tick was closed."""


class TallyRows:
    """Adds results and closes ticks. All of it inside transactions of the caller's."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    # what comes

    def add(self, project: int, monitor: str, counts: Mapping[tuple[Series, int], Count]) -> None:
        """Add results of a tick each, to be counted when it is closed."""
        self._connection.execute_many(
            "INSERT INTO incoming (project, monitor, series, slice, at, passed, total) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (project, plain(monitor), plain(each.key), plain(each.slice), at, *count)
                for (each, at), count in counts.items()
            ],
        )

    def take(self, project: int, monitor: str, end_ms: int) -> list[TallyRow]:
        """Take off everything of ticks that began before a moment; of one tick together."""
        sums: dict[tuple[str, str, int], list[int]] = {}
        for series, part, at, passed, total in self._connection.execute(
            "DELETE FROM incoming WHERE project = ? AND monitor = ? AND at < ? "
            "RETURNING series, slice, at, passed, total",
            (project, plain(monitor), end_ms),
        ):
            known = sums.setdefault((series, part, at), [0, 0])
            known[0] += passed
            known[1] += total
        return [
            TallyRow(series=series_of(series, part), at=at, passed=passed, total=total, late=0)
            for (series, part, at), (passed, total) in sums.items()
        ]

    def oldest(self, project: int, monitor: str) -> int | None:
        """Give the tick of the oldest result that waits."""
        [(at,)] = self._connection.execute(
            "SELECT min(at) FROM incoming WHERE project = ? AND monitor = ?",
            (project, plain(monitor)),
        )
        return None if at is None else int(at)

    def count(self, project: int, monitor: str, rows: Sequence[TallyRow]) -> None:
        """Count results in their ticks."""
        self._connection.execute_many(
            "INSERT INTO tallies (project, monitor, series, slice, at, passed, total, late) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, monitor, series, slice, at) DO UPDATE SET "
            "passed = tallies.passed + excluded.passed, total = tallies.total + excluded.total, "
            "late = tallies.late + excluded.late",
            [
                (
                    *(project, plain(monitor), plain(each.series.key), plain(each.series.slice)),
                    *(each.at, each.passed, each.total, each.late),
                )
                for each in rows
            ],
        )

    # what was counted

    def sums(
        self, project: int, monitor: str, since_ms: int = 0, until_ms: int | None = None
    ) -> dict[Series, Count]:
        """Give what was counted of every series of a monitor, from one moment to before another."""
        rows = self._connection.execute(
            "SELECT series, slice, sum(passed), sum(total) FROM tallies WHERE project = ? AND monitor = ? "
            "AND at >= ? AND at < ? GROUP BY series, slice",
            (project, plain(monitor), since_ms, 2**62 if until_ms is None else until_ms),
        )
        return {series_of(key, part): (int(passed), int(n)) for key, part, passed, n in rows}

    def ticks(
        self,
        project: int,
        monitor: str,
        which: Series | None = None,
        *,
        since_ms: int = 0,
        until_ms: int | None = None,
    ) -> list[TallyRow]:
        """Give what was counted tick by tick, the oldest first: of one series, or of all."""
        wheres, values = "", []
        if which is not None:
            wheres, values = "AND series = ? AND slice = ? ", [plain(which.key), plain(which.slice)]
        rows = self._connection.execute(
            "SELECT series, slice, at, passed, total, late FROM tallies WHERE project = ? AND monitor = ? "
            f"AND at >= ? AND at < ? {wheres}ORDER BY at, series, slice",
            (project, plain(monitor), since_ms, 2**62 if until_ms is None else until_ms, *values),
        )
        return [
            TallyRow(series=series_of(key, part), at=at, passed=passed, total=total, late=late)
            for key, part, at, passed, total, late in rows
        ]

    def first(self, project: int, monitor: str) -> int | None:
        """Give the first tick of which anything was counted."""
        [(at,)] = self._connection.execute(
            "SELECT min(at) FROM tallies WHERE project = ? AND monitor = ?",
            (project, plain(monitor)),
        )
        return None if at is None else int(at)

    def last(self, project: int, monitor: str) -> int | None:
        """Give the last tick that brought traffic, counted or not."""
        found = [
            at
            for table in ("tallies", "incoming")
            for (at,) in self._connection.execute(
                f"SELECT max(at) FROM {table} WHERE project = ? AND monitor = ? AND series = 'volume'",
                (project, plain(monitor)),
            )
            if at is not None
        ]
        return max(found) if found else None

    # clocks and detectors

    def watches(self, project: int) -> dict[str, WatchRow]:
        """Give how far the clocks of a project have come, by monitor."""
        rows = self._connection.execute(
            "SELECT monitor, version, started_at, next_at, document FROM watches WHERE project = ?",
            (project,),
        )
        return {
            monitor: WatchRow(
                version=version, started_at=started, next_at=next_at, document=unpack(document)
            )
            for monitor, version, started, next_at, document in rows
        }

    def start(self, project: int, monitor: str, row: WatchRow) -> None:
        """Start the clock of a monitor, or start it anew; its detectors begin anew with it."""
        self._connection.execute(
            "DELETE FROM detectors WHERE project = ? AND monitor = ?", (project, plain(monitor))
        )
        self._connection.execute(
            "INSERT INTO watches (project, monitor, version, started_at, next_at, document) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (project, monitor) DO UPDATE SET version = excluded.version, "
            "started_at = excluded.started_at, next_at = excluded.next_at, document = excluded.document",
            (
                *(project, plain(monitor), row.version, row.started_at, row.next_at),
                pack(row.document),
            ),
        )

    def stop(self, project: int, monitor: str) -> None:
        """Stop a clock for good; what was counted stays."""
        for table in ("watches", "detectors", "incoming"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE project = ? AND monitor = ?", (project, plain(monitor))
            )

    def delete_before(self, moment_ms: int) -> int:
        """Forget what was counted before a moment; gives how many rows."""
        return self._connection.execute_many("DELETE FROM tallies WHERE at < ?", [(moment_ms,)])

    def advance(self, project: int, monitor: str, row: WatchRow, next_at: int) -> bool:
        """Move a clock on; False where another did, so that nothing of it may be kept."""
        return (
            self._connection.execute_many(
                "UPDATE watches SET next_at = ?, document = ? WHERE project = ? AND monitor = ? "
                "AND next_at = ? AND version = ?",
                [
                    (
                        *(next_at, pack(row.document), project, plain(monitor)),
                        *(row.next_at, row.version),
                    )
                ],
            )
            == 1
        )

    def detectors(self, project: int, monitor: str) -> dict[Series, Json]:
        """Give the detectors of a monitor."""
        rows = self._connection.execute(
            "SELECT series, slice, document FROM detectors WHERE project = ? AND monitor = ?",
            (project, plain(monitor)),
        )
        return {series_of(key, part): unpack(document) for key, part, document in rows}

    def detector_count(self, project: int) -> int:
        """Give how many detectors a project has: they share its budget of false alarms."""
        [(number,)] = self._connection.execute(
            "SELECT count(*) FROM detectors WHERE project = ?", (project,)
        )
        return int(number)

    def keep_detectors(self, project: int, monitor: str, detectors: Mapping[Series, Json]) -> None:
        """Keep the state of detectors."""
        self._connection.execute_many(
            "INSERT INTO detectors (project, monitor, series, slice, document) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (project, monitor, series, slice) DO UPDATE SET document = excluded.document",
            [
                (project, plain(monitor), plain(each.key), plain(each.slice), pack(document))
                for each, document in detectors.items()
            ],
        )

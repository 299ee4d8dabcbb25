"""Traces that wait to be graded: leased by workers, tried again, or given up."""

from dataclasses import dataclass

from regrade.store.codec import plain
from regrade.store.databases import Connection

_CLAIM = (
    "UPDATE jobs SET state = 'leased', leased_by = ?, not_before = ?, attempts = attempts + 1 WHERE job IN ("
    "SELECT job FROM jobs WHERE state IN ('waiting', 'leased') AND not_before <= ? ORDER BY not_before LIMIT ?{locked}"
    ") RETURNING job, trace, monitor, revision, attempts"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One trace to be graded for one monitor."""

    job: int
    """Its number."""
    trace: int
    """The trace."""
    monitor: str
    """The monitor."""
    revision: int
    """How often the trace had been closed."""
    attempts: int
    """How often it was begun, this time included."""


class JobRows:
    """Hands out work. A lease is the time until which nobody else gets it: whoever dies loses it."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, trace: int, monitor: str, revision: int, now_ms: int) -> None:
        """Add work, once; older work on the same trace is not needed any more. Inside a transaction of
        the caller's.
        """
        self._connection.execute(
            "DELETE FROM jobs WHERE trace = ? AND monitor = ? AND revision < ?",
            (trace, plain(monitor), revision),
        )
        self._connection.execute(
            "INSERT INTO jobs (trace, monitor, revision, state, attempts, not_before) "
            "VALUES (?, ?, ?, 'waiting', 0, ?) ON CONFLICT DO NOTHING",
            (trace, plain(monitor), revision, now_ms),
        )

    def claim(self, worker: str, now_ms: int, *, lease_ms: int, limit: int) -> list[Job]:
        """Lease work that waits, or whose lease has run out."""
        locked = " FOR UPDATE SKIP LOCKED" if self._connection.is_shared else ""
        with self._connection.transaction(alone=False):
            rows = self._connection.execute(
                _CLAIM.format(locked=locked), (worker, now_ms + lease_ms, now_ms, limit)
            )
        return [Job(*row) for row in rows]

    def renew(self, jobs: list[Job], worker: str, now_ms: int, *, lease_ms: int) -> None:
        """Keep leases that this worker still holds."""
        with self._connection.transaction(alone=False):
            self._connection.execute_many(
                "UPDATE jobs SET not_before = ? WHERE job = ? AND leased_by = ? AND state = 'leased'",
                [(now_ms + lease_ms, each.job, worker) for each in jobs],
            )

    def finish(self, job: Job, worker: str) -> bool:
        """Take work off the list; False where the lease went to another, whose result counts instead.
        Inside a transaction of the caller's.
        """
        return (
            self._connection.execute_many(
                "DELETE FROM jobs WHERE job = ? AND leased_by = ? AND attempts = ?",
                [(job.job, worker, job.attempts)],
            )
            == 1
        )

    def put_back(self, job: Job, *, not_before_ms: int, error: str, is_dead: bool) -> None:
        """Have work tried again later, or give it up; nothing happens where another has leased it since."""
        self._connection.execute(
            "UPDATE jobs SET state = ?, not_before = ?, error = ?, leased_by = NULL "
            "WHERE job = ? AND attempts = ? AND state = 'leased'",
            ("dead" if is_dead else "waiting", not_before_ms, plain(error), job.job, job.attempts),
        )

    def replay(self, now_ms: int) -> int:
        """Have everything that was given up tried again; gives how much that is."""
        with self._connection.transaction(alone=False):
            return self._connection.execute_many(
                "UPDATE jobs SET state = 'waiting', attempts = 0, not_before = ? WHERE state = 'dead'",
                [(now_ms,)],
            )

    def counts(self) -> dict[str, int]:
        """Give how much work there is by state."""
        return dict(self._connection.execute("SELECT state, count(*) FROM jobs GROUP BY state"))

    def oldest_of(self, project: int, monitor: str) -> int | None:
        """Give since when the oldest work of a monitor waits."""
        [(oldest,)] = self._connection.execute(
            "SELECT min(not_before) FROM jobs JOIN live_traces USING (trace) WHERE project = ? AND monitor = ? "
            "AND jobs.state = 'waiting'",
            (project, plain(monitor)),
        )
        return None if oldest is None else int(oldest)

    def oldest_ms(self) -> int | None:
        """Give since when the oldest work waits."""
        [(oldest,)] = self._connection.execute(
            "SELECT min(not_before) FROM jobs WHERE state = 'waiting'"
        )
        return None if oldest is None else int(oldest)

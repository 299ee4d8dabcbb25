"""Traces: found, listed, closed, deleted."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from regrade.domain.live import LiveTrace, TraceFilter
from regrade.store.codec import plain
from regrade.store.databases import Chunk, Connection, Row, in_chunks

_LISTED = (
    "trace_id, state, revision, started_ms, duration_ms, name, service, version, environment, user_id, "
    "conversation_id, model, error, spans, tokens, cost_usd"
)
_TEXTS = "question, answer"
_WORD = re.compile(r"[^\W_]+")
MOST_FOUND = 2000
"""Traces with the words of a search that are looked at, the newest ones."""
_EQUAL = ("name", "service", "version", "environment", "user_id", "conversation_id")


@dataclass(frozen=True, slots=True)
class Due:
    """A trace of which nothing more is waited for."""

    trace: int
    """Its number."""
    project: int
    """Its project."""
    trace_id: str
    """Its id."""
    revision: int
    """How often it was closed before."""
    changes: int
    """How often something new came: closing it is void where that changed."""


class TraceRows:
    """Reads and closes traces."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def find(self, project: int, trace_id: str) -> int | None:
        """Give the number of a trace."""
        rows = self._connection.execute(
            "SELECT trace FROM live_traces WHERE project = ? AND trace_id = ?",
            (project, plain(trace_id)),
        )
        return int(rows[0][0]) if rows else None

    def get(self, trace: int) -> LiveTrace:
        """Give a trace as it is listed."""
        [row] = self._connection.execute(
            f"SELECT {_LISTED}, {_TEXTS} FROM live_traces LEFT JOIN live_texts USING (trace) WHERE trace = ?",
            (trace,),
        )
        return _listed(row)

    def listed(
        self,
        project: int,
        which: TraceFilter,
        *,
        limit: int,
        before: tuple[int, str] | None = None,
        text: str = "",
    ) -> list[LiveTrace]:
        """List closed traces, the newest first; `before` is the start and the id of the last one of the
        page before. With a text only those whose question or answer has its words, of the newest of these.
        """
        wheres, values = _where(which)
        if before is not None:
            wheres.append("(started_ms, trace_id) < (?, ?)")
            values += before
        found = self._with(project, text) if text.strip() else [None]
        rows: list[Row] = []
        for chunk in found:
            only = f"AND trace IN ({chunk.marks}) " if chunk else ""
            rows += self._connection.execute(
                f"SELECT {_LISTED}, {_TEXTS} FROM live_traces LEFT JOIN live_texts USING (trace) "
                f"WHERE {'+' if chunk else ''}project = ? AND started_ms IS NOT NULL {only}"
                f"{''.join(f'AND {each} ' for each in wheres)}"
                "ORDER BY started_ms DESC, trace_id DESC LIMIT ?",
                (project, *(chunk.values if chunk else ()), *values, limit),
            )
        listed = [_listed(row) for row in rows]
        if len(found) > 1:
            listed.sort(key=lambda each: (each.started_at, each.trace_id), reverse=True)
        return listed[:limit]

    def _with(self, project: int, text: str) -> list[Chunk | None]:
        """Give the traces that have the words of a text, or are named by it."""
        text = plain(text.strip())
        named = self.find(project, text.lower())
        words = _WORD.findall(text)[:12]
        found = self._connection.traces_with(words, project, MOST_FOUND) if words else []
        return [*in_chunks([*([] if named is None else [named]), *found])]

    def keep_texts(self, texts: Mapping[int, tuple[str, str]]) -> None:
        """Keep the beginnings of what traces were asked and answered, for lists and searches; inside a transaction
        of the caller's.
        """
        self._connection.execute_many(
            "INSERT INTO live_texts (trace, question, answer) VALUES (?, ?, ?) "
            "ON CONFLICT (trace) DO UPDATE SET question = excluded.question, answer = excluded.answer",
            [
                (trace, plain(question), plain(answer))
                for trace, (question, answer) in texts.items()
            ],
        )

    def due(self, now_ms: int, *, quiet_ms: int, longest_ms: int, limit: int) -> list[Due]:
        """Give open traces whose root ended a while ago, or that have been open for too long."""
        rows = self._connection.execute(
            "SELECT trace, project, trace_id, revision, changes FROM live_traces WHERE state = 'open' "
            "AND (ended_at <= ? OR opened_at <= ?) ORDER BY opened_at LIMIT ?",
            (now_ms - quiet_ms, now_ms - longest_ms, limit),
        )
        return [Due(*row) for row in rows]

    def close(self, due: Due, seen: LiveTrace) -> bool:
        """Close a trace with what is known of it; inside a transaction of the caller's. False where
        something new came meanwhile, or another closed it.
        """
        started = seen.started_at
        changed = self._connection.execute_many(
            "UPDATE live_traces SET state = 'closed', revision = revision + 1, started_ms = ?, duration_ms = ?, "
            "name = ?, service = ?, version = ?, environment = ?, user_id = ?, conversation_id = ?, model = ?, "
            "error = ?, spans = ?, tokens = ?, cost_usd = ? "
            "WHERE trace = ? AND state = 'open' AND changes = ? AND revision = ?",
            [
                (
                    None if started is None else round(started.timestamp() * 1000),
                    seen.duration_ms,
                    *(
                        None if text is None else plain(text)
                        for text in (
                            *(seen.name, seen.service, seen.version, seen.environment),
                            *(seen.user_id, seen.conversation_id, seen.model, seen.error),
                        )
                    ),
                    *(seen.spans, seen.tokens, seen.cost_usd),
                    *(due.trace, due.changes, due.revision),
                )
            ],
        )
        return changed == 1

    def places(self, traces: Sequence[int]) -> dict[int, tuple[int, str, int]]:
        """Give the project, the id and the revision of traces."""
        return {
            trace: (project, trace_id, revision)
            for chunk in in_chunks(traces)
            for trace, project, trace_id, revision in self._connection.execute(
                f"SELECT trace, project, trace_id, revision FROM live_traces WHERE trace IN ({chunk.marks})",
                chunk.values,
            )
        }

    def alike(self, project: int, seen: LiveTrace, most: int) -> int:
        """Give how many traces of the same service, version and name there are, up to a number."""
        return len(
            self._connection.execute(
                "SELECT 1 FROM live_traces WHERE project = ? AND name = ? AND service = ? AND version = ? LIMIT ?",
                (
                    *(project, plain(seen.name or "")),
                    *(plain(seen.service or ""), plain(seen.version or "")),
                    most,
                ),
            )
        )

    def reopen(self, project: int, trace_id: str, now_ms: int) -> bool:
        """Have a closed trace closed again, because of what is known of it now."""
        return (
            self._connection.execute_many(
                "UPDATE live_traces SET state = 'open', changes = changes + 1, opened_at = ?, ended_at = ? "
                "WHERE project = ? AND trace_id = ? AND state = 'closed'",
                [(now_ms, now_ms, project, plain(trace_id))],
            )
            == 1
        )

    def any_of(self, project: int) -> bool:
        """Whether a project has any trace."""
        return bool(
            self._connection.execute(
                "SELECT 1 FROM live_traces WHERE project = ? LIMIT 1", (project,)
            )
        )

    def counts(self) -> dict[str, int]:
        """Give how many traces there are by state."""
        return dict(
            self._connection.execute("SELECT state, count(*) FROM live_traces GROUP BY state")
        )

    def operations(
        self, project: int, since_ms: int, until_ms: int, *, which: TraceFilter | None = None
    ) -> tuple[int, float | None, float | None, float | None]:
        """Give how many traces began between two moments, the median and the 95th percentile of their durations in
        milliseconds (nearest ranks), and what they cost in US dollars.
        """
        wheres, values = _where(which or TraceFilter())
        begin = (
            "FROM live_traces WHERE project = ? AND started_ms >= ? AND started_ms < ? "
            + "".join(f"AND {each} " for each in wheres)
        )  # fmt: skip
        given = (project, since_ms, until_ms, *values)
        [(number, timed, cost)] = self._connection.execute(
            f"SELECT count(*), count(duration_ms), sum(cost_usd) {begin}", given
        )
        ranks: list[float | None] = []
        for part in (0.5, 0.95):
            rows = self._connection.execute(
                f"SELECT duration_ms {begin}AND duration_ms IS NOT NULL ORDER BY duration_ms LIMIT 1 OFFSET ?",
                (*given, max(0, math.ceil(part * timed) - 1)),
            )
            ranks.append(float(rows[0][0]) if rows else None)
        return int(number), ranks[0], ranks[1], None if cost is None else float(cost)

    def delete_before(self, project: int, moment_ms: int) -> int:
        """Delete traces that began before a moment, with everything of them, and feedback and laid aside
        bodies from before it; gives how many traces.
        """
        with self._connection.transaction(alone=False):
            gone = self._connection.execute(
                "DELETE FROM live_traces WHERE project = ? AND coalesce(started_ms, changed_at) < ? RETURNING trace",
                (project, moment_ms),
            )
            for table, at in (("feedback", "given_at"), ("dead_letters", "received_at")):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE project = ? AND {at} < ?", (project, moment_ms)
                )
        return len(gone)

    def open_ones(self, project: int) -> dict[int, str]:
        """Give the traces of which more is waited for, by their numbers: who their users are is known once
        they are closed.
        """
        return dict(
            self._connection.execute(
                "SELECT trace, trace_id FROM live_traces WHERE project = ? AND state = 'open'",
                (project,),
            )
        )

    def delete_user(self, project: int, user_id: str, also: Sequence[str] = ()) -> int:
        """Delete the traces of a user, and others by their ids, with everything of them; gives how many."""
        with self._connection.transaction(alone=False):
            known = self._connection.execute(
                "SELECT trace_id FROM live_traces WHERE project = ? AND user_id = ?",
                (project, plain(user_id)),
            )
            ids = {*also, *(trace_id for (trace_id,) in known)}
            self._connection.execute_many(
                "DELETE FROM feedback WHERE project = ? AND trace_id = ?",
                [(project, each) for each in ids],
            )
            self._connection.execute_many(
                "DELETE FROM live_traces WHERE project = ? AND trace_id = ?",
                [(project, each) for each in ids],
            )
        return len(ids)


def _where(which: TraceFilter) -> tuple[list[str], list[Any]]:
    wheres: list[str] = []
    values: list[Any] = []
    for name in _EQUAL:
        if (value := getattr(which, name)) is not None:
            wheres.append(f"{name} = ?")
            values.append(plain(value))
    if which.has_error is not None:
        wheres.append("error IS NOT NULL" if which.has_error else "error IS NULL")
    if which.fails is not None:
        wheres.append(
            f"{'' if which.fails else 'NOT '}EXISTS (SELECT 1 FROM live_grades "
            "WHERE live_grades.trace = live_traces.trace AND is_current = 1 AND passed = 0)"
        )
    for comparison, value in (
        ("duration_ms >= ?", which.slower_than_ms),
        ("started_ms >= ?", _ms(which.since)),
        ("started_ms < ?", _ms(which.until)),
    ):
        if value is not None:
            wheres.append(comparison)
            values.append(value)
    return wheres, values


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _listed(row: Row) -> LiveTrace:
    names: Sequence[str] = [name.strip() for name in f"{_LISTED}, {_TEXTS}".split(",")]
    found = dict(zip(names, row, strict=True))
    started = found.pop("started_ms")
    return LiveTrace(
        started_at=None if started is None else datetime.fromtimestamp(started / 1000, UTC), **found
    )

"""Spans as they came: each once, whatever was sent how often and in which order."""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from regrade.domain import Json
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection, Row, in_chunks

_UPSERT_TRACES = (
    "INSERT INTO live_traces (project, trace_id, state, revision, opened_at, changed_at, changes) VALUES {rows} "
    "ON CONFLICT (project, trace_id) DO UPDATE SET changed_at = live_traces.changed_at "
    "RETURNING project, trace_id, trace"
)
_UPSERT_SPANS = (
    "INSERT INTO live_spans (trace, span_id, end_ns, digest, document) VALUES {rows} "
    "ON CONFLICT (trace, span_id) DO UPDATE SET end_ns = excluded.end_ns, digest = excluded.digest, "
    "document = excluded.document "
    "WHERE (excluded.end_ns, excluded.digest) > (live_spans.end_ns, live_spans.digest) RETURNING trace"
)
_ADD_EVENTS = (
    "INSERT INTO live_events (trace, span_id, digest, document) VALUES {rows} "
    "ON CONFLICT DO NOTHING RETURNING trace"
)
_TOUCH = (
    "UPDATE live_traces SET changed_at = ?, changes = changes + 1, "
    "opened_at = CASE WHEN state = 'closed' THEN ? ELSE opened_at END, "
    "ended_at = CASE WHEN {ended} OR state = 'closed' THEN ? ELSE ended_at END, "
    "state = 'open' WHERE trace IN ({marks})"
)
_ROWS_AT_ONCE = 200
"""Rows of one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanIn:
    """A span to be kept."""

    project: int
    """The project."""
    trace_id: str
    """The trace that it belongs to."""
    span_id: str
    """Its id."""
    end_ns: int
    """When it ended; 0 while it has not."""
    is_root: bool
    """Whether it has no parent."""
    document: Json
    """What it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventIn:
    """A record of a log to be kept with its span."""

    project: int
    """The project."""
    trace_id: str
    """The trace that it belongs to."""
    span_id: str
    """The span."""
    document: Json
    """What it says."""


class SpanRows:
    """Keeps spans and gives them back."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, spans: Iterable[SpanIn], events: Iterable[EventIn], now_ms: int) -> int:
        """Keep spans and records, all or none of them; gives how many were new.

        Of one span that came several times the one that ended last counts, and of equals the one with
        the larger hash, so that every order comes to the same. A trace that was closed opens again where
        something new came.
        """
        spans, events = [*spans], [*events]
        traces = {(each.project, each.trace_id) for each in spans}
        traces |= {(each.project, each.trace_id) for each in events}
        with self._connection.transaction(alone=False):
            keys = self._keys(sorted(traces), now_ms)
            latest: dict[tuple[int, str], Row] = {}
            for span in spans:
                row = (keys[span.project, span.trace_id], *_row(span))
                known = latest.get(row[:2])
                if known is None or row[2:4] > known[2:4]:
                    latest[row[:2]] = row
            logs = {
                (keys[each.project, each.trace_id], plain(each.span_id), *_packed(each.document))
                for each in events
            }
            changed = Counter(self._insert(_UPSERT_SPANS, sorted(latest.values(), key=_place)))
            changed.update(self._insert(_ADD_EVENTS, sorted(logs)))
            ended = {
                keys[each.project, each.trace_id] for each in spans if each.is_root and each.end_ns
            }
            self._touch(changed, ended, now_ms)
        return changed.total()

    def _keys(self, traces: Sequence[tuple[int, str]], now_ms: int) -> dict[tuple[int, str], int]:
        """Give the number of every trace; those that are new are made."""
        rows = [(project, trace_id, "open", 0, now_ms, now_ms, 0) for project, trace_id in traces]
        return {
            (project, trace_id): trace
            for chunk in _chunks(rows)
            for project, trace_id, trace in self._connection.execute(*_with(_UPSERT_TRACES, chunk))
        }

    def _insert(self, statement: str, rows: Sequence[Row]) -> list[int]:
        """Insert rows and give the traces of those that changed anything."""
        return [
            trace
            for chunk in _chunks(rows)
            for (trace,) in self._connection.execute(*_with(statement, chunk))
        ]

    def _touch(self, changed: Iterable[int], ended: Container[int], now_ms: int) -> None:
        """Note that something of traces is new, and whether their roots have ended."""
        for has_ended in (True, False):
            some = sorted(trace for trace in changed if (trace in ended) is has_ended)
            for chunk in in_chunks(some):
                statement = _TOUCH.format(ended="TRUE" if has_ended else "FALSE", marks=chunk.marks)
                self._connection.execute(statement, (now_ms, now_ms, now_ms, *chunk.values))

    def of(self, trace: int) -> "Documents":
        """Give the documents of a trace's spans, and those of its records by span."""
        return self.of_all([trace])[trace]

    def of_all(self, traces: Sequence[int]) -> "dict[int, Documents]":
        """Give the same of several traces."""
        found: dict[int, Documents] = {trace: ([], {}) for trace in traces}
        for chunk in in_chunks(traces):
            for trace, document in self._connection.execute(
                f"SELECT trace, document FROM live_spans WHERE trace IN ({chunk.marks}) ORDER BY trace, span_id",
                chunk.values,
            ):
                found[trace][0].append(unpack(document))
            for trace, span_id, document in self._connection.execute(
                f"SELECT trace, span_id, document FROM live_events WHERE trace IN ({chunk.marks}) "
                "ORDER BY trace, span_id, digest",
                chunk.values,
            ):
                found[trace][1].setdefault(span_id, []).append(unpack(document))
        return found


Documents = tuple[list[Json], dict[str, list[Json]]]
"""What the spans of a trace say, and what records of logs say of each."""


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]


def _with(statement: str, rows: Sequence[Row]) -> tuple[str, list[object]]:
    """Write a statement for so many rows, and their values one after the other."""
    marks = f"({', '.join('?' * len(rows[0]))})"
    return statement.format(rows=", ".join([marks] * len(rows))), [v for row in rows for v in row]


def _place(row: Row) -> Row:
    return row[:2]


def _row(span: SpanIn) -> Row:
    return (span.span_id, min(span.end_ns, 2**63 - 1), *_packed(span.document))


def _packed(document: Json) -> Sequence[object]:
    content = pack(document)
    return hashlib.blake2b(content, digest_size=8).hexdigest(), content

"""Spans as they came: each once, whatever was sent how often and in which order."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Json
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection, Row

_UPSERT_TRACE = (
    "INSERT INTO live_traces (project, trace_id, state, revision, opened_at, changed_at, changes) "
    "VALUES (?, ?, 'open', 0, ?, ?, 0) "
    "ON CONFLICT (project, trace_id) DO UPDATE SET changed_at = live_traces.changed_at RETURNING trace"
)
_UPSERT_SPAN = (
    "INSERT INTO live_spans (trace, span_id, end_ns, digest, document) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (trace, span_id) DO UPDATE SET end_ns = excluded.end_ns, digest = excluded.digest, "
    "document = excluded.document "
    "WHERE (excluded.end_ns, excluded.digest) > (live_spans.end_ns, live_spans.digest)"
)
_ADD_EVENT = "INSERT INTO live_events (trace, span_id, digest, document) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_TOUCH = (
    "UPDATE live_traces SET changed_at = ?, changes = changes + 1, "
    "opened_at = CASE WHEN state = 'closed' THEN ? ELSE opened_at END, "
    "ended_at = CASE WHEN ? = 1 THEN ? WHEN state = 'closed' THEN ? ELSE ended_at END, "
    "state = 'open' WHERE trace = ?"
)


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
        traces = _by_trace(spans, events)
        new = 0
        with self._connection.transaction(alone=False):
            for (project, trace_id), (own, logs) in sorted(traces.items()):
                [(trace,)] = self._connection.execute(
                    _UPSERT_TRACE, (project, trace_id, now_ms, now_ms)
                )
                changed = self._connection.execute_many(
                    _UPSERT_SPAN, [(trace, *_row(span)) for span in own]
                )
                if logs:
                    rows = [(trace, plain(each.span_id), *_packed(each.document)) for each in logs]
                    changed += self._connection.execute_many(_ADD_EVENT, rows)
                if changed:
                    ended = int(any(span.is_root and span.end_ns for span in own))
                    self._connection.execute(_TOUCH, (now_ms, now_ms, ended, now_ms, now_ms, trace))
                new += changed
        return new

    def of(self, trace: int) -> tuple[list[Json], dict[str, list[Json]]]:
        """Give the documents of a trace's spans, and those of its records by span."""
        spans = [
            unpack(document)
            for (document,) in self._connection.execute(
                "SELECT document FROM live_spans WHERE trace = ? ORDER BY span_id", (trace,)
            )
        ]
        events: dict[str, list[Json]] = {}
        for span_id, document in self._connection.execute(
            "SELECT span_id, document FROM live_events WHERE trace = ? ORDER BY span_id, digest",
            (trace,),
        ):
            events.setdefault(span_id, []).append(unpack(document))
        return spans, events


_Own = tuple[list[SpanIn], list[EventIn]]


def _by_trace(spans: Iterable[SpanIn], events: Iterable[EventIn]) -> Mapping[tuple[int, str], _Own]:
    found: dict[tuple[int, str], _Own] = {}
    for span in spans:
        found.setdefault((span.project, span.trace_id), ([], []))[0].append(span)
    for event in events:
        found.setdefault((event.project, event.trace_id), ([], []))[1].append(event)
    return found


def _row(span: SpanIn) -> Row:
    return (span.span_id, min(span.end_ns, 2**63 - 1), *_packed(span.document))


def _packed(document: Json) -> Sequence[object]:
    content = pack(document)
    return hashlib.blake2b(content, digest_size=8).hexdigest(), content

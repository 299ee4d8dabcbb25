"""What comes in, kept: what is acknowledged is on the disk.

One thread writes. It takes everything that waits as one transaction, so that a hundred small requests
cost one flush of the disk; who sent them is answered when that is done.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regrade.domain.errors import RegradeError, StoreError
from regrade.domain.live import ProjectSettings
from regrade.ingest import event_content, raw_content
from regrade.ingest.otlp import Batch
from regrade.store import EventIn, SpanIn, Store

from .redacting import Redactor

MOST_WAITING = 64 * 1024 * 1024
"""Bytes of requests that wait to be written before others are sent away."""
MOST_AT_ONCE = 4096
"""Spans of one transaction, as far as requests can be told apart."""
SETTINGS_S = 5.0
"""Seconds after which the settings of a project are read again."""


class BusyError(RegradeError):
    """So much waits to be written that nothing more is taken: the sender should try again."""


@dataclass(slots=True)
class _Waiting:
    project: int
    batch: Batch
    size: int
    done: "asyncio.Future[int]"
    loop: asyncio.AbstractEventLoop

    def settle(self, new: int | None, error: Exception | None = None) -> None:
        """Answer whoever waits; who went away needs no answer."""

        def tell() -> None:
            if self.done.done():
                return
            if error is not None:
                self.done.set_exception(error)
            else:
                self.done.set_result(new or 0)

        self.loop.call_soon_threadsafe(tell)


class Receiver:
    """Keeps spans as they come."""

    def __init__(self, place: Path | str) -> None:
        """Take the database."""
        self._place = place
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._size = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._store: Store | None = None
        self._redactors: dict[int, tuple[float, Redactor]] = {}
        self.received = self.new = self.refused = 0

    def start(self) -> None:
        """Begin to write.

        Raises: StoreError when the database cannot be opened.
        """
        self._store = Store(self._place)
        self._thread = threading.Thread(target=self._write, name="regrade-receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be written."""
        return self._size

    async def keep(self, project: int, batch: Batch, size: int) -> int:
        """Keep what a request brought; gives how many spans and records were new, once they are on the
        disk.

        Raises: BusyError, StoreError.
        """
        with self._lock:
            if self._size + size > MOST_WAITING and self._size:
                self.refused += len(batch.spans)
                raise BusyError("too much waits to be written")
            self._size += size
        loop = asyncio.get_running_loop()
        waiting = _Waiting(project, batch, size, loop.create_future(), loop)
        self._queue.put(waiting)
        self.received += len(batch.spans) + len(batch.events)
        return await waiting.done

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            taken, ends = self._taken(first)
            self._keep(taken)
            with self._lock:
                self._size -= sum(each.size for each in taken)
            if ends:
                break
        if self._store is not None:
            self._store.close()

    def _taken(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Take what waits, as much as one transaction should hold."""
        taken, spans = [first], len(first.batch.spans)
        while spans < MOST_AT_ONCE:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                return taken, False
            if more is None:
                return taken, True
            taken.append(more)
            spans += len(more.batch.spans)
        return taken, False

    def _keep(self, taken: Sequence[_Waiting]) -> None:
        try:
            new = self._kept(taken)
        except Exception as error:  # noqa: BLE001  whoever sent it is told, and the thread goes on
            if len(taken) > 1 and not isinstance(error, StoreError):
                for each in taken:  # one of them is at fault: the others must not suffer
                    self._keep([each])
                return
            self._forget_store(error)
            said = error if isinstance(error, StoreError) else StoreError(f"not kept: {error}")
            for each in taken:
                each.settle(None, said)
            return
        self.new += new
        for each in taken:
            each.settle(new)

    def _kept(self, taken: Sequence[_Waiting]) -> int:
        if self._store is None:
            self._store = Store(self._place)
        spans: list[SpanIn] = []
        events: list[EventIn] = []
        for each in taken:
            redactor = self._redactor(self._store, each.project)
            spans += _spans(each, redactor)
            events += _events(each, redactor)
        return self._store.live.spans.add(spans, events, time.time_ns() // 1_000_000)

    def _forget_store(self, error: Exception) -> None:
        """Open the database anew the next time, where it broke off."""
        if isinstance(error, StoreError) and self._store is not None:
            store, self._store = self._store, None
            store.close()

    def _redactor(self, store: Store, project: int) -> Redactor:
        now = time.monotonic()
        read_at, redactor = self._redactors.get(project, (0.0, Redactor(ProjectSettings())))
        if project not in self._redactors or now - read_at > SETTINGS_S:
            redactor = Redactor(store.live.projects.settings(project))
            self._redactors[project] = (now, redactor)
        return redactor


def _spans(waiting: _Waiting, redactor: Redactor) -> list[SpanIn]:
    return [
        SpanIn(
            project=waiting.project,
            trace_id=each.trace_id,
            span_id=each.span.span_id,
            end_ns=each.span.end_ns or 0,
            is_root=each.span.parent_id is None,
            document=raw_content(redactor.span(each.span), redactor.resource(each.resource)),
        )
        for each in waiting.batch.spans
    ]


def _events(waiting: _Waiting, redactor: Redactor) -> list[EventIn]:
    return [
        EventIn(
            project=waiting.project,
            trace_id=each.trace_id,
            span_id=each.span_id,
            document=event_content(redactor.event(each.event)),
        )
        for each in waiting.batch.events
    ]

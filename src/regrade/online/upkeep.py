"""What goes on beside requests: traces closed, graded, counted, told of, and deleted when they are old."""

import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio

from regrade.store import Store

from .alerts import Notifier
from .alerts.summary import queue_summaries
from .closing import Closer, Timing
from .live_traces import Recent
from .monitors import AnchorJudge, EventClock, Ticker
from .working import Worker

CLOSE_EVERY_S = 1.0
"""Seconds between looks for traces to close."""
TICK_EVERY_S = 0.5
"""Seconds between looks for ticks to close."""
TELL_EVERY_S = 0.5
"""Seconds between looks for messages to send."""
ANCHORS_EVERY_S = 5.0
"""Seconds between looks for anchors to judge."""
SELDOM_S = 600.0
"""Seconds between looks for traces to delete, and for summaries to write."""
AGAIN_S = 2.0
"""Seconds after which a database that was away is opened anew."""
STOP_S = 20.0
"""Seconds that what is being graded may take at the end."""
COUNTS_DAYS = 800
"""Days for which what was counted is kept: two years, and some."""
MESSAGES_DAYS = 90
"""Days for which messages are kept once they were sent, or given up."""
log = logging.getLogger("regrade.online")


class Upkeep:
    """Does all of it, for a server or a worker; several may work on one database."""

    def __init__(self, place: Path | str, timing: Timing | None = None) -> None:
        """Take the database, and how long traces are waited for."""
        self._place, self._timing = place, timing or Timing()
        self._clock, self._recent = EventClock.of_settings(), Recent()
        self.closer: Closer | None = None
        self.worker: Worker | None = None
        self.ticker: Ticker | None = None
        self.notifier: Notifier | None = None

    async def run(self) -> None:
        """Go on until it is told to stop."""
        async with anyio.create_task_group() as tasks:
            for each in (self._close, self._tick, self._tell, self._anchors, self._seldom):
                tasks.start_soon(self._again, each)
            await self._again(self._work)
            tasks.cancel_scope.cancel()

    async def stop(self) -> None:
        """Finish what is being graded, and end."""
        if self.worker is not None:
            self.worker.stop()
            with anyio.move_on_after(STOP_S):
                await self.worker.ended.wait()

    async def once(self) -> int:
        """Do everything that waits; gives how many traces were graded."""
        with Store(self._place) as store:
            closer = Closer(store, self._timing, self._recent, self._clock)
            worker = Worker(store, recent=self._recent, clock=self._clock)
            await anyio.to_thread.run_sync(closer.close_due)
            while await worker.work():
                pass
            await worker.close()
            await anyio.to_thread.run_sync(Ticker(store, self._clock).look)
            while await Notifier(store).work():
                pass
        return worker.graded

    async def _again(self, do: Callable[[Store], Awaitable[None]]) -> None:
        """Do something with a database of its own, that may go away and come back."""
        while True:
            try:
                with Store(self._place) as store:
                    await do(store)
                    return
            except Exception as error:  # noqa: BLE001  a database that is away may come back
                log.warning("live traffic, %s: %s", do.__name__.strip("_"), error)
            await anyio.sleep(AGAIN_S)

    async def _close(self, store: Store) -> None:
        self.closer = Closer(store, self._timing, self._recent, self._clock)
        while True:
            await anyio.to_thread.run_sync(self.closer.close_due)
            await anyio.sleep(CLOSE_EVERY_S)

    async def _work(self, store: Store) -> None:
        self.worker = Worker(store, recent=self._recent, clock=self._clock)
        await self.worker.run()

    async def _tick(self, store: Store) -> None:
        self.ticker = Ticker(store, self._clock)
        while True:
            await anyio.to_thread.run_sync(self.ticker.look)
            await anyio.sleep(TICK_EVERY_S)

    async def _anchors(self, store: Store) -> None:
        judge = AnchorJudge(store, self._clock)
        while True:
            await judge.look()
            await anyio.sleep(ANCHORS_EVERY_S)

    async def _tell(self, store: Store) -> None:
        self.notifier = Notifier(store)
        while True:
            if not await self.notifier.work():
                await anyio.sleep(TELL_EVERY_S)

    async def _seldom(self, store: Store) -> None:
        while True:
            await anyio.to_thread.run_sync(delete_old, store)
            await anyio.to_thread.run_sync(queue_summaries, store, self._clock)
            await anyio.sleep(SELDOM_S)


def delete_old(store: Store) -> None:
    """Delete the traces of every project that are older than it keeps them, counts that no baseline needs, and old
    messages.
    """
    store.live.tallies.delete_before(round((time.time() - COUNTS_DAYS * 86_400) * 1000))
    store.live.deliveries.delete_before(round((time.time() - MESSAGES_DAYS * 86_400) * 1000))
    for name, project in store.live.projects.names().items():
        days = store.live.projects.settings(project).retention_days
        if days is not None:
            before = round((time.time() - days * 86_400) * 1000)
            if number := store.live.traces.delete_before(project, before):
                log.info("deleted %d traces of %s that are older than %g days", number, name, days)

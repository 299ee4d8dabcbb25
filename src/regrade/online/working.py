"""Workers: they lease traces, have them graded, and keep what was said.

A worker that dies loses its leases, and others take them; what it had kept counts once, because work
is taken off the list in the transaction that keeps its grades.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Container
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio

from regrade.domain.errors import UsageError
from regrade.ingest import Assembled
from regrade.runner import Judgement, cost_of, grade_trace, opened_models
from regrade.store import Job, Store

from .live_traces import Recent, put_together
from .monitors.clock import EventClock
from .monitors.tallying import Tallier
from .watching import READ_S, Monitors, Watched

LEASE_S = 60.0
"""Seconds that work is leased for; renewed while it goes on."""
AT_ONCE = 64
"""Pieces of work that are leased at once."""
KEEP_S = 0.5
"""Seconds that what was judged waits at most for what it was leased with, before it is kept."""
MOST_ATTEMPTS = 5
"""Times after which work is given up."""
_TRANSIENT = frozenset({"TransientError", "TimeoutError", "ConnectionError"})
"""Errors of graders that go away by themselves."""


log = logging.getLogger("regrade.online")


@dataclass(slots=True)
class _Open:
    """The monitors of a project whose models are held open."""

    watched: dict[str, Watched] = field(default_factory=dict)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    read_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Given:
    """Work with the trace that it is about."""

    job: Job
    project: int
    trace_id: str
    revision: int
    whole: Assembled | None
    found: Watched | None


class Worker:
    """Grades what waits, until it is told to stop."""

    def __init__(
        self,
        store: Store,
        *,
        idle_s: float = 0.5,
        recent: Recent | None = None,
        clock: EventClock | None = None,
    ) -> None:
        """Take the database, how long it waits where there is nothing to do, traces that were put together a
        moment ago, and the clock of the traffic.
        """
        self._tallier = Tallier(clock or EventClock())
        self._recent = recent or Recent()
        self._store, self._idle_s = store, idle_s
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._known = Monitors(store, read_s=0)
        self._open: dict[int, _Open] = {}
        self._leased: dict[int, Job] = {}
        self._judged: list[tuple[_Given, Judgement]] = []
        self._is_stopping = False
        self.ended = anyio.Event()
        self.graded = self.failed = 0

    def stop(self) -> None:
        """End when what is leased is done."""
        self._is_stopping = True

    async def run(self) -> None:
        """Work until it is told to stop."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._renew)
            try:
                while not self._is_stopping:
                    if not await self.work():
                        await anyio.sleep(self._idle_s)
            finally:
                tasks.cancel_scope.cancel()
                self.ended.set()
                with anyio.CancelScope(shield=True):
                    await self.close()

    async def close(self) -> None:
        """Let go of the models that are held open."""
        for each in self._open.values():
            await each.stack.aclose()
        self._open.clear()

    async def work(self) -> int:
        """Lease some work and do it; gives how much there was."""
        jobs = await self._in_thread(
            lambda: self._store.live.jobs.claim(
                self.name, _now_ms(), lease_ms=round(LEASE_S * 1000), limit=AT_ONCE
            )
        )
        if not jobs:
            return 0
        self._leased = {job.job: job for job in jobs}
        places = self._store.live.traces.places([job.trace for job in jobs])
        wholes = self._wholes(jobs, {t: place[1] for t, place in places.items()})
        monitors = {project: await self._monitors(project) for project, _, _ in places.values()}
        async with anyio.create_task_group() as meanwhile:
            meanwhile.start_soon(self._keep_now_and_then)
            async with anyio.create_task_group() as tasks:
                for job in jobs:
                    if job.trace in places:  # else it was deleted since, and the work with it
                        place = places[job.trace]
                        found = monitors[place[0]].get(job.monitor)
                        tasks.start_soon(self._do, _Given(job, *place, wholes[job.trace], found))
            meanwhile.cancel_scope.cancel()
        self._keep_all()
        self._leased.clear()
        return len(jobs)

    async def _keep_now_and_then(self) -> None:
        """Keep what was judged while something else of the same lease takes long."""
        while True:
            await anyio.sleep(KEEP_S)
            self._keep_all()

    def _wholes(self, jobs: list[Job], ids: dict[int, str]) -> dict[int, Assembled | None]:
        """Give the traces of work: those that are remembered, and the others out of the database."""
        known = {job.trace: self._recent.take(job.trace, job.revision) for job in jobs}
        found: dict[int, Assembled | None] = {t: whole for t, whole in known.items() if whole}
        return found | put_together(
            self._store, {trace: each for trace, each in ids.items() if trace not in found}
        )

    async def _in_thread(self, call: Callable[[], "list[Job]"]) -> "list[Job]":
        return await anyio.to_thread.run_sync(call)

    async def _renew(self) -> None:
        """Keep the leases of what takes long."""
        while True:
            await anyio.sleep(LEASE_S / 3)
            held = list(self._leased.values())
            if held:
                self._store.live.jobs.renew(
                    held, self.name, _now_ms(), lease_ms=round(LEASE_S * 1000)
                )

    async def _do(self, given: "_Given") -> None:
        try:
            await self._grade(given)
        except Exception as error:  # noqa: BLE001  work that fails is tried again, and then given up
            self._put_back(given.job, f"{type(error).__name__}: {error}")

    async def _grade(self, given: "_Given") -> None:
        job = given.job
        if given.revision != job.revision:  # it was closed again since: other work grades it
            with self._store.transaction():
                self._store.live.jobs.finish(job, self.name)
            return
        found, whole = given.found, given.whole
        if found is None or whole is None:
            self._give_up(
                job,
                "its monitor is gone, or cannot judge"
                if found is None
                else "it cannot be put together",
            )
            return
        judged = await grade_trace(whole.case, whole.trace, found.graders, None, found.components)
        passing = [f for f in judged.failures if f.error_type in _TRANSIENT]
        if passing and job.attempts < MOST_ATTEMPTS:
            self._put_back(job, f"{passing[0].error_type}: {passing[0].message}")
            return
        self._judged.append((given, judged))

    def _keep_all(self) -> None:
        """Keep everything that was judged, in one transaction."""
        judged, self._judged = self._judged, []
        if not judged:
            return
        self._tallier.forget()
        drawn = self._store.live.decisions.drawn([given.job.trace for given, _ in judged])
        with self._store.transaction():
            for given, each in judged:
                self._keep(given, each, drawn)
            self._tallier.keep(self._store)
        for given, _ in judged:
            self._leased.pop(given.job.job, None)

    def _keep(
        self, given: "_Given", judged: Judgement, drawn: Container[tuple[int, str, int]]
    ) -> None:
        live, now, job = self._store.live, datetime.now(UTC), given.job
        if not live.jobs.finish(job, self.name):
            return  # the lease went to another, whose result counts
        now_ms = round(now.timestamp() * 1000)
        cost, failed = cost_of(judged.grades), len(judged.failures)
        is_first = live.decisions.keep_grades(
            job.trace, job.monitor, job.revision, judged.grades, judged.failures, now_ms
        )
        if is_first and given.found is not None and given.whole is not None:
            is_drawn = (job.trace, job.monitor, job.revision) in drawn
            found, whole = given.found, given.whole
            self._tallier.graded(given.project, found, whole, judged, is_drawn=is_drawn)
        why = f"graded by {len(judged.grades)} graders"
        if failed:
            why += f"; {failed} could not judge"
        live.decisions.settle(job.trace, job.monitor, job.revision, "graded", why)
        if cost:
            live.decisions.spend(given.project, job.monitor, f"{now:%Y-%m-%d}", cost)
        self.graded += 1
        self.failed += failed

    async def _monitors(self, project: int) -> dict[str, Watched]:
        """Give the monitors of a project, with their models held open; looked at again now and then, and
        opened anew when one changed.
        """
        known = self._open.get(project)
        if known is not None and time.monotonic() - known.read_at < READ_S:
            return known.watched
        now = {each.monitor.name: each for each in self._known.of(project)}
        versions = {name: each.monitor.version for name, each in now.items()}
        if known is not None:
            known.read_at = time.monotonic()
            if {n: w.monitor.version for n, w in known.watched.items()} == versions:
                return known.watched
            await known.stack.aclose()
        fresh = self._open[project] = _Open()
        for name, each in now.items():
            try:
                await fresh.stack.enter_async_context(opened_models(each.graders))
            except UsageError as error:  # a key that is missing holds up no other monitor
                log.warning("the monitor %s cannot judge: %s", name, error)
            else:
                fresh.watched[name] = each
        return fresh.watched

    def _put_back(self, job: Job, error: str) -> None:
        """Have it tried again after a while that doubles, or give it up."""
        if job.attempts >= MOST_ATTEMPTS:
            self._give_up(job, error)
            return
        wait_ms = 1000 * 2**job.attempts
        with self._store.transaction():
            self._store.live.jobs.put_back(
                job, not_before_ms=_now_ms() + wait_ms, error=error, is_dead=False
            )

    def _give_up(self, job: Job, error: str) -> None:
        live = self._store.live
        with self._store.transaction():
            live.jobs.put_back(job, not_before_ms=_now_ms(), error=error, is_dead=True)
            live.decisions.settle(job.trace, job.monitor, job.revision, "failed", error[:500])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

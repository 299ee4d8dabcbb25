"""Workers: they lease traces, have them graded, and keep what was said.

A worker that dies loses its leases, and others take them; what it had kept counts once, because work
is taken off the list in the transaction that keeps its grades.
"""

import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio

from regrade.runner import Judgement, cost_of, grade_trace, opened_models
from regrade.store import Job, Store

from .live_traces import put_together
from .watching import Watched, watched

LEASE_S = 60.0
"""Seconds that work is leased for; renewed while it goes on."""
AT_ONCE = 32
"""Pieces of work that are leased at once."""
MOST_ATTEMPTS = 5
"""Times after which work is given up."""
_TRANSIENT = frozenset({"TransientError", "TimeoutError", "ConnectionError"})
"""Errors of graders that go away by themselves."""


@dataclass(slots=True)
class _Open:
    """The monitors of a project whose models are held open."""

    watched: dict[str, Watched] = field(default_factory=dict)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)


class Worker:
    """Grades what waits, until it is told to stop."""

    def __init__(self, store: Store, *, idle_s: float = 0.5) -> None:
        """Take the database, and how long it waits where there is nothing to do."""
        self._store, self._idle_s = store, idle_s
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._open: dict[int, _Open] = {}
        self._leased: dict[int, Job] = {}
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
        self._leased = {job.job: job for job in jobs}
        async with anyio.create_task_group() as tasks:
            for job in jobs:
                tasks.start_soon(self._do, job)
        return len(jobs)

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

    async def _do(self, job: Job) -> None:
        try:
            await self._grade(job)
        except Exception as error:  # noqa: BLE001  work that fails is tried again, and then given up
            self._put_back(job, f"{type(error).__name__}: {error}")
        finally:
            self._leased.pop(job.job, None)

    async def _grade(self, job: Job) -> None:
        project, trace_id, revision = self._store.live.traces.place(job.trace)
        if revision != job.revision:  # it was closed again since: other work grades it
            with self._store.transaction():
                self._store.live.jobs.finish(job, self.name)
            return
        found = (await self._monitors(project)).get(job.monitor)
        whole = put_together(self._store, job.trace, trace_id)
        if found is None or whole is None:
            self._give_up(job, "the monitor is gone" if found is None else "it has no spans")
            return
        judged = await grade_trace(whole.case, whole.trace, found.graders, None, found.components)
        passing = [f for f in judged.failures if f.error_type in _TRANSIENT]
        if passing and job.attempts < MOST_ATTEMPTS:
            self._put_back(job, f"{passing[0].error_type}: {passing[0].message}")
            return
        self._keep(job, project, judged)

    def _keep(self, job: Job, project: int, judged: Judgement) -> None:
        live, now = self._store.live, datetime.now(UTC)
        now_ms = round(now.timestamp() * 1000)
        cost = cost_of(judged.grades)
        failed = len(judged.failures)
        with self._store.transaction():
            if not live.jobs.finish(job, self.name):
                return  # the lease went to another, whose result counts
            live.decisions.keep_grades(
                job.trace, job.monitor, job.revision, judged.grades, judged.failures, now_ms
            )
            why = f"graded by {len(judged.grades)} graders"
            if failed:
                why += f"; {failed} could not judge"
            live.decisions.settle(job.trace, job.monitor, job.revision, "graded", why)
            if cost:
                live.decisions.spend(project, job.monitor, f"{now:%Y-%m-%d}", cost)
        self.graded += 1
        self.failed += failed

    async def _monitors(self, project: int) -> dict[str, Watched]:
        """Give the monitors of a project, with their models held open; opened anew when one changed."""
        now = {each.monitor.name: each for each in watched(self._store, project)}
        known = self._open.get(project)
        versions = {name: each.monitor.version for name, each in now.items()}
        if known is not None:
            if {n: w.monitor.version for n, w in known.watched.items()} == versions:
                return known.watched
            await known.stack.aclose()
        fresh = _Open(watched=now)
        for each in now.values():
            await fresh.stack.enter_async_context(opened_models(each.graders))
        self._open[project] = fresh
        return now

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

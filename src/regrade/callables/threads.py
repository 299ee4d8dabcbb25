"""Run blocking functions of users in threads, and give up on those that do not come back.

The threads are daemons of our own, because a function that never returns must not keep the process
from ending. A caller that stops waiting abandons the thread: it is counted, and the next call gets
a fresh one.

Short calls share a thread, since changing threads costs more than they do: a call waits for a
thread that is at work for `PATIENCE_S` before another thread is woken for it.
"""

import asyncio
import contextvars
import itertools
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from .mailbox import Mailbox, mailbox_here

T = TypeVar("T")
PATIENCE_S = 0.001
"""Seconds that a call may wait for a busy thread before it gets another one."""
_MAX_IDLE = 64


def _of_a_thread(context: contextvars.Context) -> contextvars.Context:
    """Have a context say that no event loop runs where it is used: with `sniffio` installed, as many clients do, it
    says otherwise, and a function that runs a loop of its own is refused.
    """
    if (sniffio := sys.modules.get("sniffio")) is not None:
        context.run(sniffio.current_async_library_cvar.set, None)
    return context


class UncontainedError(Exception):
    """A user's function raised something that ends programs or loops: SystemExit,
    KeyboardInterrupt, StopIteration.
    """


class _Job:
    """One call: what to do, and who waits for it."""

    __slots__ = ("box", "context", "function", "future", "thread")

    def __init__(self, function: Callable[[], Any], box: Mailbox) -> None:
        self.function = function
        self.box = box
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.context = _of_a_thread(contextvars.copy_context())
        self.thread: _Thread | None = None

    def perform(self) -> None:
        result, error = None, None
        try:
            result = self.context.run(self.function)
        except BaseException as raised:  # noqa: BLE001  handed to the caller, whatever it is
            error = contained(raised)
        if self.thread is not None:
            self.thread.current = None
        self.box.post(self._deliver, result, error)

    def expire(self) -> None:
        """Stop waiting: the time is up."""
        if not self.future.done():
            self.future.set_exception(TimeoutError())

    def _deliver(self, result: object, error: Exception | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class _Thread:
    """A thread that performs jobs from the pool's queue until it is empty, then sleeps."""

    def __init__(self, pool: "_Pool", number: int) -> None:
        self._pool = pool
        self._awake = threading.Semaphore(1)
        self.is_abandoned = False
        self.current: _Job | None = None
        threading.Thread(target=self._work, name=f"regrade-{number}", daemon=True).start()

    def wake(self) -> None:
        self._awake.release()

    def _work(self) -> None:
        queue = self._pool.queue
        while True:
            self._awake.acquire()
            while queue:
                try:
                    job = queue.popleft()
                except IndexError:  # another thread was faster
                    break
                if job.future.done():  # given up on before it began
                    continue
                job.thread, self.current = self, job
                self._pool.begun += 1
                began = time.perf_counter()
                job.perform()
                self._pool.usual_s += 0.1 * (time.perf_counter() - began - self._pool.usual_s)
                del job  # hold nothing of the user's while idle
                if self.is_abandoned:
                    self._pool.came_back()
                    return
            if not self._pool.rest(self):
                return


class _Pool:
    """The threads, and the calls that wait for one.

    A lock guards the counts, since several event loops may call at once and threads report back by
    themselves.
    """

    def __init__(self) -> None:
        self.queue: deque[_Job] = deque()
        self.begun = 0
        self.usual_s = 0.0
        self.abandoned = 0
        self._idle: list[_Thread] = []
        self._busy = 0
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._timed: asyncio.AbstractEventLoop | None = None
        self._is_dispatched = False

    async def run(self, function: Callable[[], T], timeout_s: float | None) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(function, mailbox_here())
        self.queue.append(job)
        if len(self.queue) == 1 or not self._is_dispatched:
            self._is_dispatched = True
            loop.call_soon(
                self._dispatch, loop
            )  # once for all calls that this round of the loop makes
        timer = None if timeout_s is None else loop.call_later(max(timeout_s, 0), job.expire)
        try:
            return await job.future  # type: ignore[no-any-return]  # the future carries what the function gives
        finally:
            if timer is not None:
                timer.cancel()
            self._abandon_if_running(job)

    def _call_thread(self) -> None:
        with self._lock:
            self._busy += 1
            thread = self._idle.pop() if self._idle else None
        if thread is None:
            _Thread(self, next(self._numbers))
        else:
            thread.wake()

    def _dispatch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_dispatched = False
        if self.usual_s > PATIENCE_S:
            for _ in range(len(self.queue)):
                self._call_thread()
        elif self.queue and self._busy == 0:
            self._call_thread()
        if self.queue and self._timed is not loop:
            self._look_again(loop)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timed = loop
        loop.call_later(PATIENCE_S, self._reinforce, loop, self.begun)

    def _reinforce(self, loop: asyncio.AbstractEventLoop, begun: int) -> None:
        """Call a thread for every call that waits, if none was begun since the last look."""
        self._timed = None
        if not self.queue:
            return
        if self.begun == begun:
            for _ in range(len(self.queue)):
                self._call_thread()
        else:
            self._look_again(loop)

    def _abandon_if_running(self, job: _Job) -> None:
        """Give up on the thread that still works on a job for which nobody waits any more."""
        if job.thread is None or job.thread.current is not job:
            return
        with self._lock:
            job.thread.is_abandoned = True
            self.abandoned += 1
            self._busy -= 1

    def rest(self, thread: _Thread) -> bool:
        """Note that a thread found nothing more to do; False when it is not needed any longer."""
        with self._lock:
            self._busy -= 1
            if len(self._idle) >= _MAX_IDLE:
                return False
            self._idle.append(thread)
        if self.queue:  # a call came between the last look and this note
            self._call_thread()
        return True

    def came_back(self) -> None:
        with self._lock:
            self.abandoned -= 1


_POOL = _Pool()


def contained(error: BaseException) -> Exception:
    """Turn what must not travel through an event loop into an error that may."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = UncontainedError(f"{type(error).__name__}({', '.join(map(repr, error.args))})")
    wrapped.__traceback__ = error.__traceback__
    return wrapped


async def in_thread(function: Callable[[], T], timeout_s: float | None = None) -> T:
    """Call a blocking function in a thread; when nobody waits any more, the thread is abandoned.

    Raises: what the function raises; UncontainedError in place of SystemExit and the like;
    TimeoutError.
    """
    return await _POOL.run(function, timeout_s)


def abandoned_threads() -> int:
    """Say how many threads were given up on and have not come back."""
    return _POOL.abandoned

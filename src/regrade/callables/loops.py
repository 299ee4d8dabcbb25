"""Run async functions of users on an event loop of their own, so that one that blocks it cannot
stop the run.

All async calls share one loop in one thread, because clients that users keep at module level belong
to one loop. A guard on the caller's loop watches it: when one step of one task has held the loop
for `BLOCKED_S`, that loop is given up to this task (which may still finish there), and every other
call in flight is started again on a new loop.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from .mailbox import Mailbox, mailbox_here
from .threads import contained

BLOCKED_S = 2.0
"""Seconds that one step may hold the loop before the others are moved away from it."""
_LOOK_EVERY_S = 0.25
_LAST_WORDS_S = 1.0


class _Call:
    """One call in flight: the caller's future, and the task that works for it at present."""

    def __init__(self, function: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.function = function
        self.box = mailbox_here()
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.context = contextvars.copy_context()
        self.task: asyncio.Task[None] | None = None
        self.place: _LoopThread | None = None
        self.began = 0.0
        self._cancelled: set[asyncio.Task[None]] = set()

    def start(self, place: "_LoopThread") -> None:
        """Begin on a loop; what was begun on another one before is cancelled there."""
        self.leave()
        self.task, self.place, self.began = None, place, time.monotonic()
        place.calls.add(self)
        place.box.post(self._begin, place.loop)

    def leave(self) -> None:
        """Stop working for the caller."""
        if self.place is not None:
            self.place.calls.discard(self)
            if self.task is not None:
                self._cancelled.add(self.task)
                self.place.box.post(self.task.cancel)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.future.done():  # given up on before it began
            return
        self.task = loop.create_task(self._work(), context=self.context)

    async def _work(self) -> None:
        me = asyncio.current_task()
        result, error = None, None
        try:
            result = await self.function()
        except asyncio.CancelledError as raised:
            if me in self._cancelled:
                return
            error = contained(raised)  # the function's own doing
        except BaseException as raised:  # noqa: BLE001  handed to the caller, whatever it is
            error = contained(raised)
        if self.task is me:
            self.box.post(self._deliver, result, error)

    def _deliver(self, result: object, error: Exception | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class _LoopThread:
    """A thread that runs one event loop, and the calls in flight on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.box = Mailbox(self.loop)
        self.calls: set[_Call] = set()
        self._step: asyncio.Task[Any] | None = None
        self._since = time.monotonic()
        self._answered = True
        threading.Thread(target=self._work, name="regrade-loop", daemon=True).start()

    def _work(self) -> None:
        self.loop.run_forever()
        if left := asyncio.all_tasks(self.loop):
            for task in left:
                task.cancel()
            self.loop.run_until_complete(asyncio.wait(left, timeout=_LAST_WORDS_S))
        self.loop.close()

    def culprit(self, held_s: float) -> asyncio.Task[Any] | None:
        """The task whose single step has held the loop for so long, if there is one."""
        now = time.monotonic()
        step = asyncio.current_task(self.loop)
        if self._answered or step is not self._step or step is None:
            self._step, self._since, self._answered = step, now, False
            self.box.post(self._answer)
            return None
        return step if now - self._since >= held_s else None

    def _answer(self) -> None:
        self._answered = True


class _Loops:
    def __init__(self) -> None:
        self._current: _LoopThread | None = None
        self._guards: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}
        self.blocked = 0

    async def run(
        self, function: Callable[[], Coroutine[Any, Any, Any]], timeout_s: float | None
    ) -> Any:
        call = _Call(function)
        call.start(self._place())
        self._guard()
        try:
            while not call.future.done():
                left = None if timeout_s is None else call.began + timeout_s - time.monotonic()
                if left is not None and left <= 0 and not self._was_held_up(call):
                    raise TimeoutError
                await asyncio.wait([call.future], timeout=left)
            return call.future.result()
        finally:
            if not call.future.done():
                call.future.cancel()
            call.leave()

    def _was_held_up(self, call: _Call) -> bool:
        """Whether another call holds the loop; then this one is moved away, and its time begins anew."""
        place = call.place
        culprit = place.culprit(_LOOK_EVERY_S) if place is not None else None
        if place is None or culprit is None or culprit is call.task:
            return False
        self._move_away(place, culprit)
        return True

    def _place(self) -> _LoopThread:
        if self._current is None:
            self._current = _LoopThread()
        return self._current

    def _guard(self) -> None:
        caller = asyncio.get_running_loop()
        guard = self._guards.get(caller)
        if guard is None or guard.done():
            self._guards = {loop: task for loop, task in self._guards.items() if not task.done()}
            self._guards[caller] = caller.create_task(self._watch())

    async def _watch(self) -> None:
        """Look after the loop for as long as calls are in flight."""
        while self._current is not None and self._current.calls:
            await asyncio.sleep(_LOOK_EVERY_S)
            place = self._current
            if (culprit := place.culprit(BLOCKED_S)) is not None:
                self._move_away(place, culprit)

    def _move_away(self, place: _LoopThread, culprit: asyncio.Task[Any]) -> None:
        self.blocked += 1
        self._current = _LoopThread()
        for call in [call for call in place.calls if call.task is not culprit]:
            call.start(self._current)
        # The culprit may go on there; the loop ends with it.
        place.loop.call_soon_threadsafe(culprit.add_done_callback, lambda _: place.loop.stop())


_LOOPS = _Loops()


async def on_own_loop(
    function: Callable[[], Coroutine[Any, Any, Any]], timeout_s: float | None = None
) -> Any:
    """Call an async function on the users' event loop; cancelling the call cancels it there and
    does not wait. Time during which another call holds the loop does not count.

    Raises: what the function raises; UncontainedError in place of SystemExit and the like;
    TimeoutError.
    """
    return await _LOOPS.run(function, timeout_s)

"""Make attempts in this process, so many at once, and hand them over in batches."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel

W = TypeVar("W")
D = TypeVar("D")
MOST_WAITING = 2000
"""Finished pieces that may wait to be taken before no further one is begun."""
_BREATHER = 64


class Batches(Generic[D]):
    """What was finished, given out in lists, at most `every_s` after it was."""

    def __init__(self, every_s: float) -> None:
        """Take how long a piece may wait."""
        self._every_s = every_s
        self._finished: list[D] = []
        self._is_closed = False
        self._wanted = anyio.Event()
        self._taken = anyio.Event()

    async def put(self, done: D) -> None:
        """Hand over one piece; waits while too many lie there."""
        self._finished.append(done)
        if len(self._finished) % _BREATHER == 0:  # work that never waits must not hold the loop
            await anyio.lowlevel.checkpoint()
        while len(self._finished) >= MOST_WAITING:
            self._wanted.set()
            await self._taken.wait()

    def close(self) -> None:
        """Say that nothing more will come."""
        self._is_closed = True
        self._wanted.set()

    def take(self) -> list[D]:
        """Take what is there."""
        taken, self._finished = self._finished, []
        self._taken.set()
        self._taken = anyio.Event()
        return taken

    async def __aiter__(self) -> AsyncIterator[list[D]]:
        """Give batches until all is done; an empty one now and then, so that the caller can show
        progress.
        """
        while not self._is_closed:
            with anyio.move_on_after(self._every_s):
                await self._wanted.wait()
            if not self._is_closed:
                self._wanted = anyio.Event()
            yield self.take()


@asynccontextmanager
async def run_local(
    work: Iterable[W],
    perform: Callable[[W], Awaitable[D]],
    *,
    concurrency: int,
    every_s: float,
    deadline: float = float("inf"),
) -> AsyncIterator[Batches[D]]:
    """Perform all work, `concurrency` pieces at once, and give the batches of what it came to.

    At `deadline` (the event loop's clock) what is in flight is given up and nothing more is begun.
    Leaving the context early gives up likewise; what was finished until then can still be taken.
    """
    batches: Batches[D] = Batches(every_s)
    pieces = iter(work)

    async def worker() -> None:
        for piece in pieces:
            await batches.put(await perform(piece))

    async def all_workers() -> None:
        try:
            with anyio.CancelScope(deadline=deadline):
                async with anyio.create_task_group() as workers:
                    for _ in range(concurrency):
                        workers.start_soon(worker)
        finally:
            batches.close()

    with _single_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(all_workers)
            yield batches
            tasks.cancel_scope.cancel()


@contextmanager
def _single_errors() -> Iterator[None]:
    """Raise the error itself where a task group wraps a single one."""
    try:
        yield
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        raise error from error.__cause__

"""The one edge between async code and code that is not."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import anyio

P = ParamSpec("P")
T = TypeVar("T")


def blocking(work: Callable[[], Awaitable[T]]) -> T:
    """Do async work from code that is not; also where a loop runs already, as in a notebook."""
    if not _runs_here():
        return _run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_run, work).result()


def _runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _run(work: Callable[[], Awaitable[T]]) -> T:
    results: list[T] = []

    async def do() -> None:  # returns nothing: asyncio spells out what its main task returns
        results.append(await work())

    anyio.run(do)
    return results[0]


def edge(verb: Callable[P, Awaitable[T]]) -> Callable[P, T]:
    """Give an async verb the form that code without a loop calls."""

    @functools.wraps(verb)
    def blocking_verb(*args: P.args, **named: P.kwargs) -> T:
        return blocking(lambda: verb(*args, **named))

    return blocking_verb

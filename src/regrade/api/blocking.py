"""The one edge between async code and code that is not."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

T = TypeVar("T")


def blocking(work: Callable[[], Awaitable[T]]) -> T:
    """Do async work from code that is not."""
    results: list[T] = []

    async def do() -> None:  # returns nothing: asyncio spells out what its main task returns
        results.append(await work())

    anyio.run(do)
    return results[0]

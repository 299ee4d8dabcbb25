"""Call a user's function, blocking or async, where it can block nobody."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .loops import on_own_loop
from .threads import in_thread


async def call(
    function: Callable[..., Any], *args: Any, timeout_s: float | None = None, **named: Any
) -> Any:
    """Call `function(*args, **named)` and give what it returns.

    Raises: what the function raises; UncontainedError in place of SystemExit and the like;
    TimeoutError after `timeout_s` seconds, which leaves the function behind.
    """
    bound = functools.partial(function, *args, **named)
    if is_async(function):
        return await on_own_loop(bound, timeout_s)
    result = await in_thread(bound, timeout_s)
    if inspect.isawaitable(result):  # a plain function that hands back a coroutine
        return await on_own_loop(functools.partial(_awaiting, result), timeout_s)
    return result


@functools.lru_cache(maxsize=256)
def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling the function gives a coroutine."""
    plain = function.func if isinstance(function, functools.partial) else function
    if inspect.isfunction(plain) or inspect.ismethod(plain):
        return inspect.iscoroutinefunction(plain)
    return inspect.iscoroutinefunction(type(plain).__call__)


async def _awaiting(awaitable: Any) -> Any:
    return await awaitable

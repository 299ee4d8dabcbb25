"""Call functions on an event loop from other threads: many posts at once wake the loop once.

Waking a loop costs a system call; a run of ten thousand short calls would make twenty thousand of
them.
"""

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any


class Mailbox:
    """What other threads want done on one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop."""
        self._loop = loop
        self._letters: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._is_called = False

    def post(self, function: Callable[..., object], *args: object) -> None:
        """Have a function called on the loop, soon and in order; nothing happens once the loop is
        closed.
        """
        self._letters.append((function, args))
        if self._is_called:  # the flag falls before the letters are read, so none can be missed
            return
        self._is_called = True
        try:
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:  # the loop is closed: nobody waits any more
            self._letters.clear()

    def _deliver(self) -> None:
        self._is_called = False
        while self._letters:
            function, args = self._letters.popleft()
            function(*args)


_OF_LOOP: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox]" = (
    weakref.WeakKeyDictionary()
)


def mailbox_here() -> Mailbox:
    """Give the mailbox of the running loop."""
    loop = asyncio.get_running_loop()
    found = _OF_LOOP.get(loop)
    if found is None:
        found = _OF_LOOP[loop] = Mailbox(loop)
    return found

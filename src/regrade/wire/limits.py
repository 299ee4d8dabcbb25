"""How fast the target is asked: at most so many at once and so many a minute, and less when it says
that this is too
much.

The window of attempts in flight grows by one per round of successes and halves on a refusal
(additive increase, multiplicative decrease; Chiu and Jain 1989), and nobody asks again before
Retry-After has passed.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

DEFAULT_PAUSE_S = 1.0
"""Seconds without a new attempt after a refusal that names no time of its own."""


class AdaptiveLimiter:
    """Gives leave to ask the target."""

    def __init__(
        self,
        concurrency: int,
        *,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the limits; `clock` gives seconds."""
        self._most = float(concurrency)
        self._window = float(concurrency)
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._request_s = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._token_s = 60.0 / tokens_per_minute if tokens_per_minute else 0.0
        self._not_before = 0.0
        self._last_cut = float("-inf")
        self._clock = clock
        self.refusals = 0

    @property
    def window(self) -> int:
        """How many attempts may be in flight now."""
        return max(1, int(self._window))

    async def enter(self) -> float:
        """Wait until the target may be asked, and hold one place until `leave`; gives the time of
        the start.
        """
        while self._in_use >= self.window:
            await self._turn()
        self._in_use += 1
        try:
            await self._pace()
        except BaseException:
            self.leave()
            raise
        return self._clock()

    def leave(self) -> None:
        """Give the place back."""
        self._in_use -= 1
        self._wake()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake()
            raise

    async def _pace(self) -> None:
        """Wait out a pause, and keep the distance between two starts that the limits per minute ask
        for.
        """
        while (wait := self._not_before - self._clock()) > 0:
            if self._request_s:  # take the next start now, so that waiters do not all wake at once
                self._not_before += self._request_s
                await asyncio.sleep(wait)
                return
            await asyncio.sleep(wait)
        if self._request_s:
            self._not_before = max(self._not_before, self._clock()) + self._request_s

    def _wake(self) -> None:
        free = self.window - self._in_use
        while self._waiting and free > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

    def succeeded(self, tokens: int | None = None) -> None:
        """Take note of an answer, and of the tokens that it used."""
        if self._window < self._most:
            self._window = min(self._most, self._window + 1 / self._window)
            self._wake()
        if tokens and self._token_s:
            self._not_before = max(self._not_before, self._clock()) + tokens * self._token_s

    def refused(self, started_at: float, retry_after_s: float | None) -> None:
        """Take note that the target said this is too much; refusals of the same round count
        once.
        """
        self.refusals += 1
        now = self._clock()
        if started_at >= self._last_cut:
            self._window = max(1.0, self._window / 2)
            self._last_cut = now
        pause = DEFAULT_PAUSE_S if retry_after_s is None else retry_after_s
        self._not_before = max(self._not_before, now + pause)

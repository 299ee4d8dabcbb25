"""The clock by which live traffic is told: the machine's, or one that runs faster from a moment on."""

import time

from regrade.domain.errors import UsageError
from regrade.settings import setting


class EventClock:
    """Gives the time of the traffic."""

    def __init__(self, rate: float = 1.0, start_s: float = 0.0) -> None:
        """Take how many times as fast it runs, and since when, in seconds since 1970."""
        self._rate, self._start_s = rate, start_s

    @classmethod
    def of_settings(cls) -> "EventClock":
        """Read REGRADE_CLOCK: `60@1764160000` runs sixty times as fast since then.

        Raises: UsageError.
        """
        value = setting("REGRADE_CLOCK")
        if not value:
            return cls()
        rate, at, start = value.partition("@")
        try:
            clock = cls(float(rate), float(start) if at else time.time())
        except ValueError:
            raise UsageError(
                f"REGRADE_CLOCK is {value!r}; write RATE@START, such as 60@1764160000"
            ) from None
        return clock

    def now_ms(self) -> int:
        """Give the time in milliseconds since 1970."""
        now = time.time()
        return round((self._start_s + (now - self._start_s) * self._rate) * 1000)

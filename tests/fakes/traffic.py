"""Traffic that was tallied already, on a clock that tests move."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrade.domain.live import Monitor, Series
from regrade.online import keep_monitors
from regrade.online.monitors import EventClock, Ticker
from regrade.store import Store

HOUR = 3_600_000
BEGAN = 1_764_000_000_000 // HOUR * HOUR
PASS, JUDGED = Series(kind="criterion", name="right"), Series(kind="judged")


class Clock(EventClock):
    """Stands still until it is moved."""

    def __init__(self, now: int = BEGAN + 1) -> None:
        super().__init__()
        self.now = now

    def now_ms(self) -> int:
        return self.now


class Traffic:
    """A monitor whose results come as a test says, tick by tick."""

    def __init__(self, store: Store, folder: Path, seed: int = 1, **alert: Any) -> None:
        self.store, self.clock = store, Clock()
        self.project = store.live.projects.key()
        self.chance, self.folder = random.Random(seed), folder
        self.ticker = Ticker(store, self.clock)
        self.monitor = self.keep(**alert)

    def keep(self, **alert: Any) -> Monitor:
        """Keep the monitor, or change it."""
        document = {"checks": ["answered"], "alert": {"watermark": "1ms", **alert}}
        [kept] = keep_monitors(self.store, self.project, {"m": document}, self.folder)
        self.ticker = Ticker(self.store, self.clock)  # one that reads monitors anew
        return kept.monitor

    def add(self, counts: Mapping[Series, tuple[int, int]], at: int | None = None) -> None:
        """Add results to the tick that runs, or to another."""
        at = (self.clock.now if at is None else at) // HOUR * HOUR
        with self.store.transaction():
            self.store.live.tallies.add(self.project, "m", {(s, at): n for s, n in counts.items()})

    def tick(self, counts: Mapping[Series, tuple[int, int]] | None = None) -> int:
        """Let results come, the tick end, and have it closed."""
        if counts:
            self.add(counts)
        self.clock.now += HOUR
        return self.ticker.look()

    def hours(self, number: int, rates: Mapping[str, float], n: int = 40) -> None:
        """Let ticks go by, with so many results of every slice; an empty one is the whole."""
        for _ in range(number):
            found: dict[Series, tuple[int, int]] = {}
            whole = [0, 0]
            for part, rate in rates.items():
                passed = sum(self.chance.random() < rate for _ in range(n))
                found[Series(kind="criterion", name="right", slice=part)] = (passed, n)
                found[Series(kind="judged", slice=part)] = (n, n)
                whole = [whole[0] + passed, whole[1] + n]
            found[PASS], found[JUDGED] = (whole[0], whole[1]), (whole[1], whole[1])
            self.tick(found)

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """Every alert, the oldest first: what it is about, and its state."""
        found = self.store.live.alerts.listed(self.project)[::-1]
        return [(each.series, each.state) for each in found]

"""One tick of many monitors: `python -m benchmarks.ticking [MONITORS [SLICES [postgresql://…]]]` prints one JSON line.

Every monitor watches one criterion, of all its traffic and by so many slices; each has results in the tick.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from regrade.domain.live import Series
from regrade.online import keep_monitors
from regrade.online.monitors import EventClock, Ticker
from regrade.store import Store

HOUR = 3_600_000
BEGAN = 1_764_000_000_000 // HOUR * HOUR
TICKS = 6


class Clock(EventClock):
    """Moved by hand."""

    now = BEGAN + 1

    def now_ms(self) -> int:
        """Give the time."""
        return self.now


def main(monitors: int, slices: int, place: str | None = None) -> dict[str, float]:
    """Close ticks, and say how long one takes."""
    with tempfile.TemporaryDirectory() as name, Store(place or Path(name) / "live.db") as store:
        project = store.live.projects.key()
        alert = {"watermark": "1ms", "slices": ["topic"], "criteria": {"*": {"min": 0.9}}}
        documents = {f"m{n}": {"checks": ["answered"], "alert": alert} for n in range(monitors)}
        keep_monitors(store, project, documents, Path(name))
        clock = Clock()
        ticker = Ticker(store, clock)
        ticker.look()
        took = [_tick(store, project, clock, ticker, [*documents], slices) for _ in range(TICKS)]
        detectors = store.live.tallies.detector_count(project)
    return {"monitors": monitors, "detectors": detectors, "tick_s": round(min(took[1:]), 3)}


def _tick(
    store: Store, project: int, clock: Clock, ticker: Ticker, monitors: list[str], slices: int
) -> float:
    parts = ["", *(f"topic=t{n}" for n in range(slices))]
    at = clock.now // HOUR * HOUR
    with store.transaction():
        for name in monitors:
            counts = {
                (Series(kind="criterion", name="right", slice=part), at): (38, 40) for part in parts
            }
            store.live.tallies.add(project, name, counts)
    clock.now += HOUR
    began = time.perf_counter()
    closed = ticker.look()
    took = time.perf_counter() - began
    if closed != len(monitors):
        raise SystemExit(f"{closed} of {len(monitors)} ticks were closed")
    return took


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(main(int((given or ["500"])[0]), int((given[1:] or ["19"])[0]), *given[2:3])))

"""How far a run is: counted from the batches that the engine gives."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regrade.domain import Attempt

from .engine import InFlight


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    run_id: str
    """The run."""
    planned: int
    """Attempts to make, those of an earlier part of the run included."""
    done: int
    """Attempts made."""
    passed: int
    """Of these, passed."""
    failed: int
    """Of these, failed."""
    ungraded: int
    """Of these, ungraded."""
    per_s: float
    """Attempts per second since this part of the run began."""
    eta_s: float | None
    """Seconds until all are made at this rate; None before there is one."""
    stuck: Sequence[InFlight]
    """Attempts that have waited for too long, while nothing else came."""


class Tally:
    """Counts attempts as they come."""

    def __init__(
        self,
        run_id: str,
        planned: int,
        earlier: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many are planned, and how many were made before."""
        self._run_id, self._planned, self._earlier, self._clock = run_id, planned, earlier, clock
        self._counts = {"passed": 0, "failed": 0, "ungraded": 0}
        self._began = self.last_news = clock()

    def add(self, attempts: Sequence[Attempt]) -> None:
        """Count a batch."""
        for attempt in attempts:
            self._counts[attempt.outcome] += 1
        if attempts:
            self.last_news = self._clock()

    def progress(self, stuck: Sequence[InFlight] = ()) -> Progress:
        """Say how far the run is."""
        made = sum(self._counts.values())
        per_s = made / max(self._clock() - self._began, 1e-9)
        left = self._planned - self._earlier - made
        return Progress(
            run_id=self._run_id,
            planned=self._planned,
            done=self._earlier + made,
            per_s=per_s,
            eta_s=left / per_s if made else None,
            stuck=stuck,
            **self._counts,
        )

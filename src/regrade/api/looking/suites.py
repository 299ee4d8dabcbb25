"""The state of every suite at a glance."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from regrade.domain import Estimate, RunHeader
from regrade.stats import wilson
from regrade.store import Store

from .compared import Compared, compared
from .tracked import TrackedRun, track

FEW, MANY = 30, 100
"""Runs of which the history is drawn: at a glance, and on the page of the suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteNow:
    """A suite as it stands."""

    suite: str
    """Its name."""
    objective: str
    """What it is for."""
    runs: int
    """How many runs it has."""
    newest: RunHeader
    """Its newest run, finished or not."""
    history: Sequence[TrackedRun]
    """Its newest finished runs, the oldest first."""
    since: Compared | None
    """The newest finished run against the one before; None where there is none, or it is not worked out yet."""

    @property
    def pass_rate(self) -> Estimate | None:
        """That of the newest finished run."""
        return self.history[-1].series["pass_rate"] if self.history else None


def suites(store: Store) -> list[SuiteNow]:
    """Give every suite as it stands, the one that ran last first."""
    return [_now(store, each.suite, each.runs, each.newest) for each in store.outcomes.suites()]


def _now(store: Store, suite: str, runs: int, newest: str) -> SuiteNow:
    header = store.find(newest)
    history = track(store, suite, FEW)
    since = None
    if len(history) > 1:
        pair = [store.find(each.run_id) for each in history[-2:]]
        since = compared(store, *pair, only_known=True)
    return SuiteNow(
        suite=suite,
        objective=header.suite.objective,
        runs=runs,
        newest=header,
        history=history,
        since=since,
    )


def prepare(store: Store, suite: str) -> None:
    """Work out beforehand what pages show of a suite: so that nobody waits for it."""
    history = track(store, suite, MANY)
    if len(history) > 1:
        compared(store, *(store.find(each.run_id) for each in history[-2:]))


def feedback_between(store: Store, project: int, runs: Sequence[TrackedRun]) -> list[Estimate]:
    """Give the share of thumbs up that users gave from the beginning of each run to that of the next one."""
    begins = [round(each.started_at.timestamp() * 1000) for each in runs]
    found = [[0, 0] for _ in runs]
    for at_ms, is_up in store.live.feedback.thumbs_since(project, begins[0]):
        part = found[bisect.bisect_right(begins, at_ms) - 1]
        part[0] += is_up
        part[1] += 1
    return [
        Estimate(up / n, *wilson(up, n), n) if n else Estimate(None, None, None, 0)
        for up, n in found
    ]

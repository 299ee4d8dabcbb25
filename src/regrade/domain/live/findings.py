"""What is found out of live traffic: estimates, what a monitor would have said, versions compared, failures grouped,
loops closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .alert import Alert
from .watch import Series

CanaryVerdict = Literal["stop", "promote", "go on"]
"""What to do with a new version that runs beside the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEstimate:
    """One rate."""

    series: Series
    """Which."""
    passed: int
    """Passes."""
    n: int
    """Observations since the monitor was last changed."""
    low: float
    """The lower end of the confidence sequence at 95 %: valid at every look."""
    high: float
    """The upper end."""
    tolerated: float | None
    """What it is held against; None where it is only shown, or not known yet."""
    is_learning: bool
    """Whether it will be held against a baseline that is not known yet."""
    evidence: float | None
    """The evidence of its detector; None without one."""
    alert: int | None
    """The alert that it is a part of."""
    is_low: bool = False
    """Whether it is among those that are below what is tolerated since the beginning, of which one in ten at most is
    named by mistake."""

    @property
    def value(self) -> float:
        """The rate."""
        return self.passed / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorEstimates:
    """Everything that a monitor shows."""

    since_ms: int
    """Since when it counts."""
    next_ms: int
    """The tick that is closed next."""
    threshold: float
    """The evidence at which each of its detectors alarms."""
    years: float
    """Years between two false alarms, in all of the project, that this keeps to."""
    detectors: int
    """Detectors of the project, which share that budget."""
    late: int
    """Results that came after their tick was closed."""
    rates: Sequence[SeriesEstimate]
    """Rates: criteria first, each with its slices below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An alert that there would have been."""

    series: Series
    """What fell."""
    began_ms: int
    """Since when, most likely."""
    at_ms: int
    """When it would have been raised."""
    tolerated: float
    """What was tolerated."""
    passed: int
    """Passes from its beginning until then."""
    n: int
    """Results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How soon a drop would be seen."""

    drop: float
    """Its size."""
    median_s: float | None
    """Seconds until half of the drops are seen; None where they are not within 1,000 ticks."""
    p90_s: float | None
    """Seconds until nine of ten are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTest:
    """What would have been said of one series."""

    series: Series
    """Which."""
    rate: float
    """Its rate in all of the history."""
    tolerated: float | None
    """What it would have been held against; None where the history is too short to say."""
    per_tick: float
    """Results a tick, on average."""
    delays: Sequence[Delay]
    """How soon drops below its rate would be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a monitor would have said."""

    since_ms: int
    """The beginning of the history."""
    until_ms: int
    """Its end."""
    ticks: int
    """Ticks in it."""
    said: Sequence[Said]
    """Alerts, in their order."""
    pages_a_year: float
    """False alarms of this monitor a year, on average, at most."""
    series: Sequence[SeriesTest]
    """Series by series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryRow:
    """One criterion."""

    series: Series
    """Which."""
    base: tuple[int, int]
    """Passes and observations of the version that is there."""
    candidate: tuple[int, int]
    """And of the new one."""
    worse: float
    """Evidence that the new one passes less often; decided at 20 times the number of criteria."""
    not_worse: float
    """Evidence that it does not by more than the margin; decided at 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is known by now."""

    verdict: CanaryVerdict
    """What to do."""
    margin: float
    """The drop that is tolerated."""
    rows: Sequence[CanaryRow]
    """Criterion by criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterRun:
    """What a run says of the cases of an alert."""

    run_id: str
    """The run."""
    label: str | None
    """Its label."""
    target_version: str
    """The version of the system."""
    started_at: datetime
    """When it began."""
    passed: int
    """Cases of the alert that pass."""
    judged: int
    """Cases of the alert that were judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoop:
    """An alert, its cases, and the runs since."""

    alert: Alert | None
    """The alert; None for cases that were promoted without one."""
    cases: Sequence[str]
    """The ids of its cases."""
    runs: Sequence[LaterRun]
    """Runs that judged any of them, the oldest first."""

    @property
    def is_closed(self) -> bool:
        """Whether the newest run passes all of them."""
        last = self.runs[-1] if self.runs else None
        return last is not None and last.passed == last.judged == len(self.cases)


@dataclass(frozen=True, slots=True)
class TraceGroup:
    """Traces that fail alike."""

    terms: tuple[str, ...]
    """The words that tell them from others."""
    share: float
    """The part of all failing traces that they are."""
    traces: tuple[str, ...]
    """Their ids; the first is the most typical one."""


@dataclass(frozen=True, slots=True)
class LiveFailures:
    """The failures of live traffic."""

    groups: tuple[TraceGroup, ...]
    """The largest first."""
    traces: int
    """How many traces failed or were disliked."""
    unseen: float | None
    """The estimated chance that the next failure is of a new kind (Good 1953); None without a failure."""

"""What a monitor watches: which rates, against what, on which clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Cycles = Literal["none", "day", "week"]
"""Cells of time with a baseline each: none, the hours of a day, or those of a week."""
LAST_WEEK, PREVIOUS_RELEASE = "last_week", "previous_release"
"""Baselines out of the traffic itself; any other name is a run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A rate over time, and which part of the traffic it is of."""

    kind: str
    """criterion, grader, component, category, judge; or latency, cost, judged, coverage, volume."""
    name: str = ""
    """Which one, where there are several of a kind."""
    slice: str = ""
    """`tag=value`; empty for all traffic of the monitor."""

    @property
    def key(self) -> str:
        """Its name without the slice."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def words(self) -> str:
        """How it is told."""
        said = f"{self.kind} {self.name}" if self.name else self.kind
        return f"{said} ({self.slice})" if self.slice else said


def series_of(key: str, part: str = "") -> Series:
    """Give the series of a key and a slice."""
    kind, _, name = key.partition(":")
    return Series(kind=kind, name=name, slice=part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a rate is held against: a fixed one, or a baseline."""

    least: float | None = None
    """The rate that is tolerated; None where a baseline says it."""
    baseline: str | None = None
    """last_week, previous_release, or a run."""
    tolerance: float = 0.02
    """How far below the baseline's lower bound is tolerated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How much traffic is usual."""

    drop: float | None = None
    """Share of the usual traffic below which there is too little."""
    rise: float | None = None
    """Times the usual traffic above which there is too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Answers that people labelled, which the judges judge again and again."""

    run: str
    """The run whose labelled answers they are."""
    per_tick: int = 3
    """Answers that are judged again a tick, in rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The clock of a monitor, and what raises alerts."""

    tick_s: float = 3600.0
    """Seconds of a tick, by the time of the traces."""
    watermark_s: float = 600.0
    """Seconds after its end at which a tick is closed; what comes later counts in the next one."""
    slices: tuple[str, ...] = ()
    """Tags by which each rate is watched, too."""
    bars: Mapping[str, Bar] = field(default_factory=dict)
    """What rates are held against, by the key of the series; `criterion:*` for those not named."""
    latency_ms: float | None = None
    """Milliseconds within which a trace should end."""
    cost_usd: float | None = None
    """What a trace should cost at most."""
    cycles: Cycles = "none"
    """Cells of time with a baseline of their own."""
    over_s: float = 7 * 86_400.0
    """Seconds of traffic that a baseline is made of."""
    least_n: int = 30
    """Results below which nothing is said."""
    lag_s: float | None = None
    """Seconds that work may wait."""
    silent_s: float | None = None
    """Seconds without a trace after which traffic has stopped."""
    volume: Volume | None = None
    """How much traffic is usual."""
    anchors: Anchors | None = None
    """Answers that judges judge again."""
    send: tuple[str, ...] = ()
    """Channels that are told; none for all."""

    def bar(self, series: Series) -> Bar | None:
        """Give what a series is held against; None where it is only shown."""
        return self.bars.get(series.key) or self.bars.get(f"{series.kind}:*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Somebody who is told of alerts. Secrets are named by environment variables and kept nowhere."""

    name: str
    """Its name."""
    type: Literal["webhook", "slack", "pagerduty", "email"]
    """How it is told."""
    url: str | None = None
    """Where it is; None where `url_env` says it, or the type has one."""
    url_env: str | None = None
    """The environment variable that holds the URL."""
    secret_env: str | None = None
    """The variable with what signs (webhook), routes (pagerduty), or the password (email)."""
    allow_private: bool = False
    """Whether its address may be one of a private network."""
    host: str = "localhost:25"
    """The mail server, `host:port`."""
    user: str | None = None
    """Who signs in there."""
    sender: str = "regrade@localhost"
    """From whom."""
    to: tuple[str, ...] = ()
    """To whom."""
    starttls: bool = True
    """Whether the connection to the mail server is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """What holds for all alerts of a project."""

    years: float = 10.0
    """Years between two false alarms, on average, in all of the project."""
    channels: Sequence[Channel] = ()
    """Who is told."""
    summary: Literal["day", "week"] | None = None
    """How often a summary is sent."""
    summary_to: tuple[str, ...] = ()
    """To which channels; none for all."""
    address: str = ""
    """Where people reach this server, for links in messages."""

"""What raises alerts, as it is written in a file of monitors, and who is told."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from regrade.domain import Json
from regrade.domain.live import Alerting, Anchors, Bar, Channel, Volume, Watch
from regrade.suites.model import Duration, Part, Share


class BarPart(Part):
    """What a rate is held against: `min`, or a `baseline`."""

    min: Share | None = None
    """The rate that is tolerated."""
    baseline: str | None = None
    """last_week, previous_release, or a run: its id or label."""
    tolerance: Share = 0.02
    """How far below the baseline's lower bound is tolerated."""

    @model_validator(mode="after")
    def _one(self) -> "BarPart":
        if (self.min is None) is (self.baseline is None):
            raise ValueError("give `min` or `baseline`")
        if self.min is not None and not 0 < self.min < 1:
            raise ValueError(
                "`min` lies between 0 and 1: what may never fail is `max: 0` of a gate"
            )
        return self


class WithinPart(Part):
    """A limit that a share of the traces keeps."""

    share: Share = 0.95
    """The share that keeps it."""


class LatencyPart(WithinPart):
    """How long a trace may take."""

    max: Duration
    """The longest time."""


class CostPart(WithinPart):
    """What a trace may cost."""

    max_usd: PositiveFloat
    """In US dollars."""


class MostPart(Part):
    """A share that is not passed."""

    max: Share
    """The largest share."""


class LagPart(Part):
    """How long work may wait."""

    max: Duration
    """The longest time."""


class SilentPart(Part):
    """How long there may be no traffic."""

    after: Duration
    """The time without a trace."""


class VolumePart(Part):
    """How much traffic is usual."""

    drop: Share | None = None
    """Share of the usual traffic below which there is too little."""
    rise: PositiveFloat | None = None
    """Times the usual traffic above which there is too much."""


class AnchorsPart(Part):
    """Answers that people labelled, which the judges judge again in rotation."""

    run: str
    """The run whose labelled answers they are."""
    per_tick: PositiveInt = 3
    """Answers a tick."""
    tolerance: Share = 0.02
    """How much more often than until now verdicts may flip."""


class AlertPart(Part):
    """What raises alerts."""

    tick: Duration = 3600.0
    """A tick of its clock, which goes by the time of the traces."""
    watermark: Duration | None = None
    """How long after its end a tick is closed; left out, ten minutes, or a tick where that is shorter."""
    slices: list[str] = Field(default_factory=list)
    """Tags by which each rate is watched, too."""
    criteria: dict[str, BarPart] = Field(default_factory=dict)
    """Criteria, and graders without one, by name; `*` for those not named."""
    components: dict[str, BarPart] = Field(default_factory=dict)
    """Components by name; `*` for those not named."""
    categories: BarPart | None = None
    """Categories of failures that are new or grow."""
    latency: LatencyPart | None = None
    """How long a trace may take."""
    cost: CostPart | None = None
    """What a trace may cost."""
    grader_failures: MostPart | None = None
    """The share of verdicts that graders may fail to give."""
    ungraded: MostPart | None = None
    """The share of the chosen traces that may stay ungraded."""
    lag: LagPart | None = None
    """How long work may wait."""
    no_traffic: SilentPart | None = None
    """How long there may be no traffic."""
    volume: VolumePart | None = None
    """How much traffic is usual."""
    judge: AnchorsPart | None = None
    """Answers that people labelled, by which a change of the judge is told from one of the application."""
    cycles: Literal["none", "day", "week"] = "none"
    """Whether the hours of a day, or of a week, each have a baseline of their own."""
    over: Duration = 7 * 86_400.0
    """The time that a baseline is made of."""
    min_evidence: PositiveInt = 30
    """Results below which nothing is said."""
    send: list[str] = Field(default_factory=list)
    """Channels that are told; left out, all."""

    @model_validator(mode="after")
    def _ticks(self) -> "AlertPart":
        if self.tick < 1:
            raise ValueError("`tick` is at least a second")
        if self.categories is not None and self.categories.min is not None:
            raise ValueError("`categories` are held against a `baseline`")
        return self


def watch_of(part: AlertPart) -> Watch:
    """Translate what is written."""
    return Watch(
        tick_s=part.tick,
        watermark_s=min(600.0, part.tick) if part.watermark is None else part.watermark,
        slices=tuple(part.slices),
        bars=_bars(part),
        latency_ms=None if part.latency is None else part.latency.max * 1000,
        cost_usd=None if part.cost is None else part.cost.max_usd,
        cycles=part.cycles,
        over_s=part.over,
        least_n=part.min_evidence,
        lag_s=None if part.lag is None else part.lag.max,
        silent_s=None if part.no_traffic is None else part.no_traffic.after,
        volume=None if part.volume is None else Volume(drop=part.volume.drop, rise=part.volume.rise),
        anchors=None if part.judge is None else Anchors(run=part.judge.run, per_tick=part.judge.per_tick),
        send=tuple(part.send),
    )  # fmt: skip


def _bars(part: AlertPart) -> Mapping[str, Bar]:
    bars: dict[str, Bar] = {}
    for name, each in part.criteria.items():
        for kind in ("criterion", "grader"):
            bars[f"{kind}:{name}"] = _bar(each)
    bars |= {f"component:{name}": _bar(each) for name, each in part.components.items()}
    if part.categories is not None:
        bars["category:*"] = _bar(part.categories)
    for kind, within in (("latency", part.latency), ("cost", part.cost)):
        if within is not None:
            bars[kind] = Bar(least=within.share)
    for kind, most in (("judged", part.grader_failures), ("coverage", part.ungraded)):
        if most is not None:
            bars[kind] = Bar(least=1 - most.max)
    if part.judge is not None:
        bars["judge:*"] = Bar(baseline="anchors", tolerance=part.judge.tolerance)
    return bars


def _bar(part: BarPart) -> Bar:
    return Bar(least=part.min, baseline=part.baseline, tolerance=part.tolerance)


class ChannelPart(Part):
    """Somebody who is told of alerts."""

    type: Literal["webhook", "slack", "pagerduty", "email"]
    """How."""
    url: str | None = None
    """Where it is."""
    url_env: str | None = None
    """The environment variable that holds the URL, where that is a secret."""
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
    to: list[str] = Field(default_factory=list)
    """To whom."""
    starttls: bool = True
    """Whether the connection to the mail server is encrypted."""

    @model_validator(mode="after")
    def _reachable(self) -> "ChannelPart":
        if self.type in ("webhook", "slack") and (self.url is None) is (self.url_env is None):
            raise ValueError(f"a channel of type {self.type} needs `url` or `url_env`")
        if self.type == "pagerduty" and self.secret_env is None:
            raise ValueError("a channel of type pagerduty needs `secret_env`: the routing key")
        if self.type == "email" and not self.to:
            raise ValueError("a channel of type email needs `to`")
        if self.url is not None and not self.url.startswith(("https://", "http://")):
            raise ValueError("`url` begins with https:// or http://")
        return self


class SummaryPart(Part):
    """A summary that is sent."""

    every: Literal["day", "week"]
    """How often; days and weeks are those of UTC."""
    send: list[str] = Field(default_factory=list)
    """Channels; left out, all."""


class AlertingPart(Part):
    """What holds for all alerts of a project."""

    years_between_false_alarms: PositiveFloat = 10.0
    """On average, in all of the project."""
    channels: dict[str, ChannelPart] = Field(default_factory=dict)
    """Who is told, by name."""
    summary: SummaryPart | None = None
    """A summary that is sent."""
    address: str = ""
    """Where people reach this server, for links in messages."""


def alerting_of(given: Json) -> Alerting:
    """Translate what is written.

    Raises: pydantic.ValidationError.
    """
    part = AlertingPart.model_validate(given)
    channels = [
        Channel(name=name, **{**each.model_dump(), "to": tuple(each.to)})
        for name, each in part.channels.items()
    ]
    return Alerting(
        years=part.years_between_false_alarms,
        channels=channels,
        summary=None if part.summary is None else part.summary.every,
        summary_to=() if part.summary is None else tuple(part.summary.send),
        address=part.address.rstrip("/"),
    )

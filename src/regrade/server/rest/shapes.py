"""What the REST interface takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from regrade.domain.live import Decision, LiveTrace
from regrade.server.moments import Moment


class Shape(BaseModel):
    """A part of a request: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class SpanIn(Shape):
    """One step of an application without OpenTelemetry."""

    trace_id: str = Field(pattern="^[0-9a-fA-F]{32}$")
    span_id: str = Field(pattern="^[0-9a-fA-F]{16}$")
    parent_id: str | None = Field(default=None, pattern="^[0-9a-fA-F]{16}$")
    name: str = Field(max_length=2000)
    kind: str = "span"
    started_at: Moment
    ended_at: Moment | None = None
    input: Any = None
    output: Any = None
    error: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class SpansIn(Shape):
    """Steps to be kept."""

    spans: list[SpanIn] = Field(min_length=1, max_length=10_000)
    service: str | None = None
    version: str | None = None


class FeedbackIn(Shape):
    """What a user said of a trace."""

    trace_id: str = Field(pattern="^[0-9a-fA-F]{32}$")
    kind: Literal["thumbs", "rating", "correction", "text"]
    value: bool | Annotated[float, Field(allow_inf_nan=False)] | str
    comment: str = Field(default="", max_length=20_000)
    user_id: str | None = None
    given_at: Moment | None = None
    key: str | None = Field(default=None, max_length=200)


class Failure(BaseModel):
    """What went wrong."""

    error: str


class Kept(BaseModel):
    """How much was new."""

    kept: int


class TracePage(BaseModel):
    """Some traces, the newest first; `next` is where to go on."""

    traces: list[LiveTrace]
    next: str | None


class Conversation(BaseModel):
    """The traces of one conversation."""

    conversation_id: str
    state: Literal["open", "closed"]
    traces: list[LiveTrace]


class GradeShape(BaseModel):
    """What a grader says of a trace."""

    monitor: str
    revision: int
    is_current: bool
    graded_at: datetime
    grade: dict[str, Any]


class WholeTrace(BaseModel):
    """A trace with everything that is known of it."""

    trace: LiveTrace
    began_ns: int | None
    input: Any
    output: Any
    spans: list[dict[str, Any]]
    feedback: list[dict[str, Any]]
    decisions: list[Decision]
    grades: list[GradeShape]
    checks: dict[str, Any]


class MonitorShape(BaseModel):
    """A monitor as it was written, with how much it decided."""

    name: str
    monitor: dict[str, Any]
    decisions: dict[str, int]


class LetterShape(BaseModel):
    """A body that could not be read."""

    letter: int
    received_at: datetime
    kind: str
    reason: str
    size: int
    digest: str
    is_kept: bool


class RateShape(BaseModel):
    """One rate of a monitor; `low` and `high` hold at every look, at 95 %."""

    series: str
    slice: str
    value: float
    low: float
    high: float
    passed: int
    n: int
    tolerated: float | None
    is_learning: bool
    evidence: float | None
    alert: int | None
    is_low: bool


class RatesShape(BaseModel):
    """Every rate of a monitor, and the budget of false alarms that its detectors keep to."""

    since_ms: int
    next_ms: int
    threshold: float
    years: float
    detectors: int
    late: int
    rates: list[RateShape]


class TickShape(BaseModel):
    """What one tick brought."""

    at_ms: int
    passed: int
    total: int
    late: int


class AlertShape(BaseModel):
    """Something that got worse, with its evidence."""

    alert: int
    monitor: str
    series: str
    state: str
    opened_at: datetime
    since: datetime
    ended_at: datetime | None
    title: str
    text: str
    evidence: dict[str, Any]


class MuteIn(Shape):
    """What nothing is sent of, and for how long; an empty series is all of the monitor."""

    series: str = Field(default="", max_length=500)
    seconds: float = Field(gt=0, le=366 * 86_400)


class MessageShape(BaseModel):
    """A message to a channel."""

    channel: str
    key: str
    state: str
    attempts: int
    error: str | None


class GroupShape(BaseModel):
    """Traces that fail alike."""

    terms: list[str]
    share: float
    traces: list[str]


class FailuresShape(BaseModel):
    """Failing and disliked traces; `unseen` is the chance that the next failure is of a new kind."""

    groups: list[GroupShape]
    traces: int
    unseen: float | None


class PromotionsIn(Shape):
    """Traces that become cases."""

    traces: list[Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$")]] = Field(
        min_length=1, max_length=500
    )
    alert: int | None = Field(default=None, ge=0, lt=2**62)
    keeps_near: bool = False


class PromotionShape(BaseModel):
    """What became of them: new cases; those that repeat a case; those that are none."""

    cases: list[dict[str, Any]]
    repeated: list[list[Any]]
    unusable: list[list[Any]]


class DatasetShape(BaseModel):
    """A dataset that the server keeps."""

    version: str
    cases: list[dict[str, Any]]

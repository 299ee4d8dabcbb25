"""What the routes of runs and people take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from .shapes import Shape

Words = Annotated[str, Field(max_length=200)]
Named = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]


class RunShape(BaseModel):
    """A run as it is listed."""

    run_id: str
    suite: str
    label: str | None
    status: str
    started_at: datetime
    finished_at: datetime | None
    target_version: str
    dataset_version: str
    trials: int
    planned: int
    commit: str | None


class RunsPage(BaseModel):
    """Some runs, the newest first; `next` is where to go on."""

    runs: list[RunShape]
    next: str | None


class SuiteShape(BaseModel):
    """A suite as it stands; the verdict is that of its newest finished run against the one before."""

    suite: str
    objective: str
    runs: int
    newest: RunShape
    pass_rate: dict[str, Any] | None
    verdict: str | None
    headline: str | None


class ComparisonShape(BaseModel):
    """A comparison: its headline, and the document of `regrade compare --json`."""

    headline: str
    document: dict[str, Any]


class AttemptsPage(BaseModel):
    """Some attempts of a run; `found` is how many are like that in all."""

    attempts: list[dict[str, Any]]
    found: int
    next: int | None


class GroupOfFailures(BaseModel):
    """Attempts that fail alike."""

    category: str
    number: int
    first: dict[str, int]
    example: str


class CaseShape(BaseModel):
    """A case: its trials, and how it came out in other runs, the oldest first."""

    attempts: list[dict[str, Any]]
    history: list[dict[str, Any]]


class QueueShape(BaseModel):
    """What a person has to label; `agree` is on how many answers people and graders agree, of how many."""

    source: str
    criterion: str
    items: list[dict[str, Any]]
    waiting: int
    numbers: dict[str, int]
    labelled: int
    agree: list[int]
    next: int | None


class LabelBody(Shape):
    """What a person says of an answer; `who` counts where no key says it."""

    source: Words
    criterion: Words | None = None
    case: str = Field(max_length=2000)
    trial: int = Field(default=0, ge=0, le=100_000)
    verdict: Literal["pass", "fail", "unsure"]
    note: str = Field(default="", max_length=4000)
    who: Named | None = None


class AssignmentIn(Shape):
    """Who is to label an answer."""

    source: Words
    criterion: Words | None = None
    case: str = Field(max_length=2000)
    trial: int = Field(default=0, ge=0, le=100_000)
    who: Named


class LabelShape(BaseModel):
    """A label."""

    suite: str
    criterion: str
    case: str
    verdict: str
    note: str
    who: str
    labelled_at: datetime
    run_id: str | None


class JudgeShape(BaseModel):
    """A judge beside people."""

    source: str
    suite: str
    criterion: str
    agree: dict[str, Any]
    weeks: list[dict[str, Any]]
    measured: dict[str, Any]
    cost_usd: float | None


class ViewShape(BaseModel):
    """A state of a page that somebody gave a name: the query of its address."""

    page: Words = ""
    name: Named
    query: str = Field(default="", max_length=4000)
    who: Words = ""


class KeptShape(BaseModel):
    """What is kept of a project's traffic."""

    redact: bool
    drop: list[str]
    retention_days: float | None
    keep_dead_letters: bool


class SettingsIn(Shape):
    """What is to be kept of a project's traffic, and for how many days."""

    redact: bool = False
    drop: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list, max_length=200
    )
    retention_days: Annotated[float, Field(gt=0, lt=36_500)] | None = None
    keep_dead_letters: bool = False


class SettingsShape(BaseModel):
    """What is set, and where that was said."""

    project: str
    projects: list[str]
    kept: KeptShape
    kept_origin: str
    years_between_false_alarms: float
    channels: list[str]
    alerting_origin: str
    monitors: dict[str, str]
    settings: dict[str, dict[str, str]]
    prices: str


class KeyIn(Shape):
    """A key to be made."""

    name: Named
    role: Literal["ingest", "viewer", "reviewer", "admin"] = "viewer"
    expires: str | None = Field(default=None, max_length=20)


class KeyShape(BaseModel):
    """A key, without its secret."""

    key: int
    name: str
    role: str
    made_at: datetime
    expires_at: datetime | None
    is_good: bool


class MadeKey(BaseModel):
    """A new key, shown this once."""

    secret: str

"""What comes in from production."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regrade.domain.documents import Json

LATEST_MS = 7_258_118_400_000
"""The year 2200, in milliseconds since 1970: beyond it no moment is taken."""
FeedbackKind = Literal["thumbs", "rating", "correction", "text"]
"""What a user gave: up or down, a number, what would have been right, or words."""


ROLES = ("ingest", "viewer", "reviewer", "admin")
"""What keys allow, each what those before it do: to send; to read too; to label, promote and look after alerts too; to
change everything.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """What is kept of a project's traffic, and for how long."""

    redact: bool = False
    """Whether personal data are taken out before anything touches the disk."""
    drop: tuple[str, ...] = ()
    """Attributes whose values are never kept, by name; `*` at the end stands for anything."""
    retention_days: float | None = None
    """Days after which a trace is deleted; None for never."""
    keep_dead_letters: bool = False
    """Whether the bodies of what cannot be read are kept although personal data are taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTrace:
    """A live trace as it is listed."""

    trace_id: str
    """32 hexadecimal digits."""
    state: Literal["open", "closed"]
    """Whether more of it is waited for."""
    revision: int
    """How often it was closed."""
    started_at: datetime | None
    """When it began; None until it is closed for the first time."""
    duration_ms: float | None
    """How long its root took."""
    name: str | None
    """The name of its root."""
    service: str | None
    """What sent it."""
    version: str | None
    """The version of that."""
    environment: str | None
    """Where that runs."""
    user_id: str | None
    """The user, as the application names them."""
    conversation_id: str | None
    """The conversation that it is a part of."""
    model: str | None
    """The language model that was called last."""
    error: str | None
    """Why it failed, if it did."""
    spans: int | None
    """How many steps it has."""
    tokens: int | None
    """Tokens in and out."""
    cost_usd: float | None
    """What it cost."""
    question: str | None = None
    """The beginning of what was asked."""
    answer: str | None = None
    """The beginning of what was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFilter:
    """Which live traces are listed."""

    name: str | None = None
    """The name of the root."""
    service: str | None = None
    """What sent it."""
    version: str | None = None
    """The version of that."""
    environment: str | None = None
    """Where that runs."""
    user_id: str | None = None
    """The user."""
    conversation_id: str | None = None
    """The conversation."""
    has_error: bool | None = None
    """Whether it failed."""
    fails: bool | None = None
    """Whether a grader says that it fails."""
    slower_than_ms: float | None = None
    """The least duration."""
    since: datetime | None = None
    """When it began, at the earliest."""
    until: datetime | None = None
    """When it began, before this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a user said of a trace; it may come later, or before its trace."""

    trace_id: str
    """The trace."""
    kind: FeedbackKind
    """What it is."""
    value: Json
    """True or false for thumbs, a number for a rating, the right answer for a correction, else words."""
    comment: str = ""
    """What the user added."""
    user_id: str | None = None
    """Who said it."""
    given_at: datetime
    """When."""
    key: str
    """The same for the same feedback sent twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A body that could not be read."""

    letter: int
    """Its number."""
    received_at: datetime
    """When it came."""
    kind: str
    """What it was meant to be, and how it was written: `traces/protobuf`."""
    reason: str
    """Why it could not be read."""
    size: int
    """Bytes."""
    digest: str
    """The hash of the body."""
    body: bytes | None = None
    """The body; None where it may not be kept."""

"""A span as it comes: whatever carried it, and whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from regrade.domain import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """Something that happened during a span."""

    name: str
    """What it is called."""
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """What is said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSpan:
    """A span of OpenTelemetry, in plain values."""

    span_id: str
    """Hexadecimal."""
    parent_id: str | None = None
    """Hexadecimal; None for a root."""
    name: str
    """As it was written."""
    start_ns: int
    """Nanoseconds since 1970."""
    end_ns: int | None = None
    """The same; None when it has not ended."""
    is_error: bool = False
    """Whether its status is an error."""
    status: str = ""
    """What the status says."""
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """Attributes by name, values in plain JSON."""
    events: tuple[RawEvent, ...] = ()
    """What happened during it."""
    is_truncated: bool = False
    """Whether the exporter dropped attributes."""

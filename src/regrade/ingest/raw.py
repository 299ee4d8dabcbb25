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


def raw_content(span: RawSpan, resource: Mapping[str, Json]) -> dict[str, Json]:
    """Give a span, and what is said of its sender, as JSON; `restored_raw` reads it back."""
    content: dict[str, Json] = {"id": span.span_id, "name": span.name, "start": span.start_ns}
    more: dict[str, Json] = {
        "parent": span.parent_id,
        "end": span.end_ns,
        "error": span.is_error,
        "status": span.status,
        "attributes": span.attributes,
        "events": [event_content(event) for event in span.events],
        "truncated": span.is_truncated,
        "resource": resource,
    }
    return content | {name: value for name, value in more.items() if value}


def restored_raw(content: Mapping[str, Json]) -> tuple[RawSpan, Mapping[str, Json]]:
    """Make the span, and what is said of its sender, that `raw_content` gave this content of."""
    span = RawSpan(
        span_id=content["id"],
        parent_id=content.get("parent"),
        name=content["name"],
        start_ns=content["start"],
        end_ns=content.get("end"),
        is_error=content.get("error", False),
        status=content.get("status", ""),
        attributes=content.get("attributes", {}),
        events=tuple(restored_event(each) for each in content.get("events", ())),
        is_truncated=content.get("truncated", False),
    )
    return span, content.get("resource", {})


def event_content(event: RawEvent) -> dict[str, Json]:
    """Give an event as JSON; `restored_event` reads it back."""
    return {"name": event.name, "attributes": dict(event.attributes)}


def restored_event(content: Mapping[str, Json]) -> RawEvent:
    """Make the event that `event_content` gave this content of."""
    return RawEvent(name=content["name"], attributes=content["attributes"])

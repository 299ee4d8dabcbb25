"""What an exporter sent, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from regrade.domain import Json
from regrade.ingest.raw import RawEvent, RawSpan

MOST_FAULTS = 5
"""Faults of one batch that are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A span, with the trace that it belongs to and what sent it."""

    trace_id: str
    """32 hexadecimal digits."""
    span: RawSpan
    """The span."""
    resource: Mapping[str, Json] = field(default_factory=dict)
    """What is said of the sender: `service.name` and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedEvent:
    """A record of a log that belongs to a span."""

    trace_id: str
    """32 hexadecimal digits."""
    span_id: str
    """16 hexadecimal digits."""
    event: RawEvent
    """What it says."""


def is_told(event: RawEvent) -> bool:
    """Whether a record of a log says something of language models; applications log much else."""
    return event.name.startswith("gen_ai.") or any(
        n.startswith("gen_ai.") for n in event.attributes
    )


@dataclass(slots=True)
class Batch:
    """What one request held: what can be kept, and what cannot."""

    spans: list[Arrived] = field(default_factory=list)
    """Spans that can be kept."""
    events: list[ArrivedEvent] = field(default_factory=list)
    """Records of logs that can be kept."""
    rejected: int = 0
    """Spans or records that cannot be kept."""
    ignored: int = 0
    """Records that are sound and say nothing of language models, or of no trace: nothing is kept of them,
    and nothing is wrong."""
    faults: list[str] = field(default_factory=list)
    """What is wrong with the first of them."""

    def reject(self, what: str, fault: str) -> None:
        """Note something that cannot be kept."""
        self.rejected += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"{what}: {fault}")

    @property
    def message(self) -> str:
        """What is wrong, in one text."""
        more = self.rejected - len(self.faults)
        return "; ".join(self.faults) + (f"; and {more} more" if more > 0 else "")

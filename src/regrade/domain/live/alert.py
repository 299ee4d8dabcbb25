"""What is told when something got worse: with the evidence inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from regrade.domain.documents import Json

AlertState = Literal["open", "acknowledged", "recovered", "resolved"]
"""Nobody looked at it; somebody does; the rate is back; somebody closed it."""
ENDED: frozenset[str] = frozenset({"recovered", "resolved"})
"""States of what is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that got worse."""

    alert: int
    """Its number."""
    project: int
    """The project."""
    monitor: str
    """The monitor that saw it."""
    series: str
    """The key of what got worse, without the slice."""
    state: AlertState
    """What became of it."""
    opened_at: datetime
    """When it was raised, by the clock of the traces."""
    since: datetime
    """When it began, most likely."""
    ended_at: datetime | None = None
    """When it was over."""
    evidence: Mapping[str, Json] = field(default_factory=dict)
    """How sure that is, rates before and after, what explains it, traces to look at."""

"""What is watched, and why a trace is graded or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from .watch import Watch

Always = Literal["error", "thumbs_down", "slow", "novel"]
"""A rule by which a trace is graded whatever its number."""
ALWAYS: tuple[Always, ...] = get_args(Always)
"""All of them."""
DecisionOutcome = Literal["queued", "graded", "not_matched", "not_sampled", "budget", "failed"]
"""What became of a trace at a monitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A rule over live traces: which are looked at, how many of them, and what they may cost."""

    name: str
    """Its name."""
    version: str
    """The hash of everything that it says, graders included."""
    where: Mapping[str, str] = field(default_factory=dict)
    """What a trace must have: service, version, environment, name, model, and the value of each."""
    sample: float = 0.05
    """The share of the traces that are graded."""
    always: tuple[Always, ...] = ()
    """Rules by which one is graded in any case."""
    slow_ms: float | None = None
    """Milliseconds from which a trace is slow."""
    daily_usd: float | None = None
    """What its judges may cost a day."""
    monthly_usd: float | None = None
    """What they may cost a month."""
    least: float = 0.002
    """The share below which a budget lowers nothing."""
    watch: Watch | None = None
    """What raises alerts; None where nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why a monitor grades a trace, or does not."""

    monitor: str
    """The monitor."""
    version: str
    """Its version."""
    revision: int
    """How often the trace had been closed."""
    outcome: DecisionOutcome
    """What became of it."""
    why: str
    """In a sentence."""
    probability: float | None
    """How likely it was to be graded, known before its outcome; None where it was not asked."""
    is_drawn: bool = False
    """Whether its number chose it, whatever else did: such traces stand for all traffic alike."""
    decided_at: datetime
    """When."""

"""Which traces are graded: by the hash of their id, so that the same trace is decided on alike everywhere."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from regrade.domain.live import Decision, Feedback, LiveTrace, Monitor

NOVEL = 20
"""Traces of a service's version and root name until which they are new."""
FULL_UNTIL = 0.5
"""The part of a budget that is spent at the full rate; from there on the rate falls to zero evenly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a trace before it is graded."""

    listed: LiveTrace
    """How it is listed."""
    feedback: Sequence[Feedback]
    """What users said of it."""
    alike: int
    """Traces of the same service, version and name before it, as far as was counted."""
    spent_share: float
    """The largest part of a budget of the monitor that is spent already."""


def chance_of(trace_id: str) -> float:
    """Give the number between 0 and 1 by which a trace is chosen."""
    digest = hashlib.sha256(trace_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def rate_of(monitor: Monitor, spent_share: float) -> float:
    """Give the share of traces that is graded, with so much of the budget spent."""
    left = max(0.0, 1 - spent_share) / (1 - FULL_UNTIL)
    if left <= 0:
        return 0.0
    return max(min(monitor.sample, monitor.least), monitor.sample * min(1.0, left))


def decide(monitor: Monitor, seen: Seen, now: datetime) -> Decision:
    """Decide whether a trace is graded, and say why."""
    fault = _mismatch(monitor.where, seen.listed)
    if fault is not None:
        return _decision(monitor, seen, now, "not_matched", fault, None)
    rate = rate_of(monitor, seen.spent_share)
    rule = _always(monitor, seen)
    if seen.spent_share >= 1:
        why = "the budget for its judges is spent"
        return _decision(monitor, seen, now, "budget", why, 0.0)
    chance = chance_of(seen.listed.trace_id)
    if rule is not None:
        found = _decision(monitor, seen, now, "queued", f"always graded: {rule}", 1.0)
        return replace(found, is_drawn=chance < rate)
    said = f"its number {chance:.4f} is {{}} the rate of {rate:.4g}"
    if rate < monitor.sample:
        said += f", lowered from {monitor.sample:g} by the budget"
    if chance < rate:
        found = _decision(monitor, seen, now, "queued", said.format("below"), rate)
        return replace(found, is_drawn=True)
    return _decision(monitor, seen, now, "not_sampled", said.format("not below"), rate)


def _decision(
    monitor: Monitor, seen: Seen, now: datetime, outcome: str, why: str, probability: float | None
) -> Decision:
    return Decision(
        monitor=monitor.name,
        version=monitor.version,
        revision=seen.listed.revision,
        outcome=outcome,  # type: ignore[arg-type]  # ours
        why=why,
        probability=probability,
        decided_at=now,
    )


def _mismatch(where: Mapping[str, str], listed: LiveTrace) -> str | None:
    for name, wanted in where.items():
        found = getattr(listed, name)
        if found != wanted:
            return f"its {name} is {found or 'not known'}, and {wanted} is asked for"
    return None


def _always(monitor: Monitor, seen: Seen) -> str | None:
    """Give the rule by which it is graded in any case."""
    holds = {
        "error": seen.listed.error is not None,
        "thumbs_down": any(f.kind == "thumbs" and f.value is False for f in seen.feedback),
        "slow": monitor.slow_ms is not None and (seen.listed.duration_ms or 0) >= monitor.slow_ms,
        "novel": seen.alike < NOVEL,
    }
    return next((rule for rule in monitor.always if holds[rule]), None)

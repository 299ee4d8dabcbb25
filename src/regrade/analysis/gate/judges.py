"""Whether the judges of a run may gate at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from regrade.domain import GateRules, RuleResult
from regrade.domain.duration import show_duration
from regrade.stats.people.judges import Corrected

LEVELS = ("uncalibrated", "L0", "L1", "L2", "L3")
"""What a judge may have shown, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a judge has shown."""

    level: str
    """Its level."""
    age_s: float | None
    """Seconds since its newest label; None without one."""
    labels: int
    """Labels that it was measured by."""
    needed: int
    """Labels that would do."""
    corrected_at: Callable[[float], Corrected] | None = None
    """Gives the rate that people would give, by the two-sided error of its interval; None where the
    judge is not trusted so far."""
    fault: str | None = None
    """What else keeps it from gating: that it favours its own family, or that nobody knows."""


def against_judges(rules: GateRules, judges: Mapping[str, Standing]) -> Iterator[RuleResult]:
    """Hold every judge against the level that is asked for: what is not shown stays undecided."""
    if rules.judge_level is None:
        return
    if not judges:
        yield RuleResult(rule="judge", outcome="pass", words="no language model judges")
        return
    for criterion, each in judges.items():
        yield _rule(rules, criterion, each)


def _rule(rules: GateRules, criterion: str, found: Standing) -> RuleResult:
    wanted = rules.judge_level or "L1"
    labels = "1 label" if found.labels == 1 else f"{found.labels} labels"
    is_old = (
        rules.judge_max_age_s is not None
        and found.age_s is not None
        and found.age_s > rules.judge_max_age_s
    )
    if LEVELS.index(found.level) < LEVELS.index(wanted):
        more = f"; {found.needed} in all give ± 5 points" if found.needed > found.labels else ""
        words = f"its judge has shown {found.level} with {labels}, and {wanted} is asked for{more}"
    elif is_old:
        age, most = show_duration(found.age_s or 0.0), show_duration(rules.judge_max_age_s or 0.0)
        words = f"its newest label is {age} old, and {most} are allowed: label some answers again"
    elif found.fault is not None:
        words = found.fault
    else:
        words = f"its judge has shown {found.level} with {labels}"
        return RuleResult(rule=f"judge {criterion}", outcome="pass", words=words)
    return RuleResult(rule=f"judge {criterion}", outcome="undecided", words=words)

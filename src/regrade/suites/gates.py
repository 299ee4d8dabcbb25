"""The gate of a suite file, and what it accepts, as nouns."""

from datetime import date

from regrade.domain import Accepted, GateRules

from .building import Builder
from .model import GatePart, SuitePart


def gate_rules(part: GatePart | None) -> GateRules | None:
    """Give the rules of a gate; None without one."""
    if part is None:
        return None
    drop = part.no_regression
    return GateRules(
        pass_rate_min=part.pass_rate.min if part.pass_rate else None,
        criteria_min={name: each.min for name, each in part.criteria.items()},
        margin=None if drop is None else drop.margin,
        by=() if drop is None else tuple(drop.by),
        margins={} if drop is None else dict(drop.margins),
        min_drop=0.0 if drop is None else drop.min_drop,
        no_critical_regression=part.no_critical_regression,
        latency_p95_max_s=part.latency_p95.max if part.latency_p95 else None,
        cost_max_usd=part.cost_per_case.max_usd if part.cost_per_case else None,
        disallowed_max=part.disallowed.max if part.disallowed else None,
        ungraded_max=part.ungraded.max if part.ungraded else None,
        judge_level=part.judge.level if part.judge else None,
        judge_max_age_s=part.judge.max_age if part.judge else None,
        false_blocks_per_month=part.false_blocks_per_month,
        commits_per_month=part.commits_per_month,
        undecided=part.undecided,
    )


def accepted(part: SuitePart, builder: Builder) -> tuple[Accepted, ...]:
    """Give the regressions that a suite accepts; days that are none are noted as problems."""
    found = []
    for index, each in enumerate(part.accepted):
        until = None
        if each.until is not None:
            try:
                until = date.fromisoformat(each.until)
            except ValueError:
                place = ("accepted", index, "until")
                builder.wrong(place, f"`until` is {each.until!r}; it is a day, as 2027-03-01")
        found.append(
            Accepted(case=each.case, criterion=each.criterion, reason=each.reason, until=until)
        )
    return tuple(found)

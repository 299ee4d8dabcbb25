"""How much error each rule may make, and what a gate can see at all."""

import math
from collections.abc import Iterator

from regrade.analysis.comparison.deltas import noise_in
from regrade.domain import Comparison, GateRules
from regrade.stats import detectable_change
from regrade.stats.differences import tango_ci
from regrade.stats.gates import alpha_per_test
from regrade.stats.more_intervals import clopper_pearson

ALPHA = 0.05
"""The one-sided error over all rules where the suite says nothing of false blocks."""


def rule_count(rules: GateRules) -> int:
    """Count the rules in which noise plays a part; the error is shared among them."""
    single = (rules.pass_rate_min, rules.latency_p95_max_s, rules.cost_max_usd, rules.margin)
    return max(1, len(rules.criteria_min) + sum(each is not None for each in single))


def alpha_of(rules: GateRules) -> float:
    """Give each rule its one-sided error."""
    blocks, commits = rules.false_blocks_per_month, rules.commits_per_month
    if blocks is None or commits is None:
        return ALPHA / rule_count(rules)
    return alpha_per_test(blocks, commits, rule_count(rules))


def promise(rules: GateRules, level: float) -> str:
    """Say how often noise may block a change."""
    number = rule_count(rules)
    of = "one rule" if number == 1 else f"{number} rules"
    blocks, commits = rules.false_blocks_per_month, rules.commits_per_month
    if blocks is None or commits is None:
        return (
            f"where nothing changed, it fails at most once in {1 / (level * number):.0f} times "
            f"(one-sided {level:.3g} for each of {of})"
        )
    return (
        f"where nothing changed, it fails at most {blocks:g} times in a month of {commits:g} commits "
        f"(one-sided {level:.3g} for each of {of})"
    )


def detectable_drop(n: int, comparison: Comparison | None, level: float) -> float | None:
    """Give the smallest drop that the gate shows with a power of 80 %, beside the cases that differ
    for other reasons.
    """
    noise = 0.0 if comparison is None else noise_in(comparison.pass_rate)
    return detectable_change(n, noise, 2 * level)


def never(rules: GateRules, cases: int, level: float) -> Iterator[str]:
    """Say what so many cases can never decide, whatever comes out: worth knowing before it costs."""
    floors = {"pass_rate": rules.pass_rate_min} if rules.pass_rate_min is not None else {}
    floors |= {f"criterion {name}": each for name, each in rules.criteria_min.items()}
    for name, floor in floors.items():
        if cases and clopper_pearson(cases, cases, 2 * level).low < floor:
            needed = math.ceil(math.log(level) / math.log(floor)) if 0 < floor < 1 else None
            advice = f"; {_cases(needed)} would do" if needed else ""
            yield f"{name}: even if all {_cases(cases)} pass, {floor:.0%} is not shown{advice}"
    if rules.margin is None:
        return
    least = math.ceil(-math.log2(level))
    if cases < least:
        yield f"no_regression: {_cases(cases)} can never fail it; {least} must get worse at least"
    if cases and tango_ci(0, 0, cases, 2 * level).low <= -rules.margin:
        advice = "; only a drop of more than a margin above 0 can be ruled out"
        if rules.margin > 0:
            needed = next(
                n for n in _sizes(cases) if tango_ci(0, 0, n, 2 * level).low > -rules.margin
            )
            advice = f"; about {_cases(needed)} would do"
        verb = "does" if cases == 1 else "do"
        yield (
            f"no_regression: even if no case changes, {_cases(cases)} {verb} not rule out a drop of more "
            f"than {rules.margin:.0%}{advice}"
        )


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number:,} cases"


def _sizes(start: int) -> Iterator[int]:
    size = max(start, 1)
    while True:
        size = math.ceil(size * 1.1)
        yield size

"""Floors and ceilings: what one run must show by itself."""

import math
from collections.abc import Iterator, Mapping, Sequence

from regrade.analysis.calibration.items import JUDGES
from regrade.domain import Attempt, GateOutcome, GateRules, Rate, RuleResult, Run
from regrade.stats import Interval, quantile_ci
from regrade.stats.clustered import bounded_mean_ci
from regrade.stats.more_intervals import clopper_pearson, t_ci
from regrade.stats.people.judges import Corrected

from .judges import Standing


def against_floors(
    rules: GateRules, run: Run, level: float, judges: Mapping[str, Standing]
) -> Iterator[RuleResult]:
    """Hold rates against their floors, with exact bounds where cases are independent; the rate of a
    criterion that judges alone speak for is the one that people would give, where they were measured.
    """
    if rules.pass_rate_min is not None:
        judged = [a for a in run.attempts if a.outcome != "ungraded"]
        passed = [a.outcome == "passed" for a in judged]
        yield _floor("pass_rate.min", passed, _clusters(judged), rules.pass_rate_min, level)
    for name, least in rules.criteria_min.items():
        passes, attempts = _of_criterion(run, name)
        judge = judges.get(name) if _is_judged(attempts, name) else None
        if judge is not None and judge.corrected_at is not None:
            share = sum(passes) / max(1, len(passes))
            yield _corrected(f"criteria.{name}.min", share, judge.corrected_at(2 * level), least)
            continue
        yield _floor(f"criteria.{name}.min", passes, _clusters(attempts), least, level)


def _of_criterion(run: Run, name: str) -> tuple[list[bool], list[Attempt]]:
    passes, attempts = [], []
    for attempt in run.attempts:
        broke = any(failure.spec.criterion == name for failure in attempt.failures)
        verdicts = {g.passed for g in attempt.grades if g.spec and g.spec.criterion == name}
        if False in verdicts or (True in verdicts and not broke):
            passes.append(False not in verdicts)
            attempts.append(attempt)
    return passes, attempts


def _is_judged(attempts: Sequence[Attempt], name: str) -> bool:
    """Whether language models alone speak for a criterion."""
    return all(
        grade.spec.identity.type in JUDGES
        for attempt in attempts
        for grade in attempt.grades
        if grade.spec and grade.spec.criterion == name
    )


def _corrected(rule: str, judged: float, found: Corrected, least: float) -> RuleResult:
    outcome, words = _against_floor(found.value, found.interval, least)
    return RuleResult(
        rule=rule,
        outcome=outcome,
        words=f"by people's verdicts {words} (the judge alone passes {judged:.1%})",
        value=found.value,
        bound=least,
        low=found.interval.low,
        high=found.interval.high,
    )


def _clusters(attempts: Sequence[Attempt]) -> list[str] | None:
    names = [attempt.case.cluster or f"\0{attempt.case.id}" for attempt in attempts]
    return None if len({*names}) == len(names) else names


def _floor(
    rule: str, passed: Sequence[bool], clusters: Sequence[str] | None, least: float, level: float
) -> RuleResult:
    n = len(passed)
    if not n:
        return RuleResult(rule=rule, outcome="undecided", words="nothing was judged", bound=least)
    value = sum(passed) / n
    interval = (
        clopper_pearson(sum(passed), n, 2 * level)
        if clusters is None
        else bounded_mean_ci([float(each) for each in passed], clusters, 2 * level)
    )
    outcome, words = _against_floor(value, interval, least)
    return RuleResult(
        rule=rule,
        outcome=outcome,
        words=words,
        value=value,
        bound=least,
        low=interval.low,
        high=interval.high,
    )


def _against_floor(value: float, interval: Interval, least: float) -> tuple[GateOutcome, str]:
    seen = f"{value:.1%} pass, at least {interval.low:.1%} and at most {interval.high:.1%}"
    if interval.high < least:
        return "fail", f"{seen}: surely below {least:.1%}"
    if interval.low >= least:
        return "pass", f"{seen}: surely {least:.1%} or more"
    return "undecided", f"{seen}: {least:.1%} lies between"


def against_ceilings(rules: GateRules, run: Run, level: float) -> Iterator[RuleResult]:
    """Ceilings of time and money have noise; those of shares speak of this run as it is."""
    answered = [a.trace for a in run.attempts if a.trace.error is None]
    if (most := rules.latency_p95_max_s) is not None:
        times = [trace.latency_s for trace in answered if trace.latency_s is not None]
        interval = quantile_ci(times, 0.95, 2 * level) if times else Interval(-math.inf, math.inf)
        value = run.summary.operations.latency_p95.value
        yield _ceiling("latency_p95.max", value, interval, most, "{:.3g} s")
    if (most := rules.cost_max_usd) is not None:
        costs = [t.usage.cost_usd for t in answered if t.usage and t.usage.cost_usd is not None]
        mean = math.fsum(costs) / len(costs) if costs else None
        yield _ceiling("cost_per_case.max_usd", mean, t_ci(costs, 2 * level), most, "${:.4f}")
    if (most := rules.disallowed_max) is not None:
        yield _share("disallowed.max", run.summary.dimensions.get("disallowed_content"), most)
    if (most := rules.ungraded_max) is not None:
        made = run.summary.made
        value = run.summary.ungraded / made if made else None
        yield _observed("ungraded.max", value, most)


def _ceiling(
    rule: str, value: float | None, interval: Interval, most: float, unit: str
) -> RuleResult:
    bound = unit.format(most)
    if value is None:
        return RuleResult(rule=rule, outcome="undecided", words="no attempt says", bound=most)
    outcome: GateOutcome
    low, high = (each if math.isfinite(each) else None for each in (interval.low, interval.high))
    ends = f"{unit.format(low) if low is not None else '…'} to {unit.format(high) if high is not None else '…'}"
    seen = f"{unit.format(value)} ({ends})"
    if low is not None and low > most:
        outcome, words = "fail", f"{seen}: surely above {bound}"
    elif high is not None and high <= most:
        outcome, words = "pass", f"{seen}: surely {bound} or less"
    else:
        outcome, words = "undecided", f"{seen}: {bound} lies between"
    return RuleResult(
        rule=rule, outcome=outcome, words=words, value=value, bound=most, low=low, high=high
    )


def _share(rule: str, rate: Rate | None, most: float) -> RuleResult:
    return _observed(rule, None if rate is None else rate.estimate.value, most)


def _observed(rule: str, value: float | None, most: float) -> RuleResult:
    if value is None:
        words = "no grader of the suite looks for it, or nothing was judged"
        return RuleResult(rule=rule, outcome="undecided", words=words, bound=most)
    holds = value <= most
    words = f"{value:.1%} of the attempts, {'at most' if holds else 'more than'} {most:.1%}"
    return RuleResult(
        rule=rule, outcome="pass" if holds else "fail", words=words, value=value, bound=most
    )

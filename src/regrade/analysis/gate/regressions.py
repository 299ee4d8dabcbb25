"""Drops against a baseline, and critical cases."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from regrade.analysis.comparison.both import Both
from regrade.analysis.comparison.deltas import Cell
from regrade.analysis.comparison.pairing import PASS, Counts
from regrade.domain import Comparison, GateOutcome, GateRules, RuleResult, Run
from regrade.stats import Interval
from regrade.stats.differences import paired_many
from regrade.stats.exact import stratified_exact
from regrade.stats.multiple import can_reject, holm


@dataclass(frozen=True, slots=True)
class Watched:
    """One rate that must not fall."""

    rule: str
    """What the rule is called."""
    cell: Cell
    """How the cases came out in both runs."""
    margin: float
    """The drop that is tolerated."""


def against_baseline(
    rules: GateRules,
    candidate: Run,
    baseline: Run | None,
    comparison: Comparison | None,
    level: float,
) -> list[RuleResult]:
    """Look for drops that are not tolerated: of the pass rate, of criteria and slices with a margin."""
    if baseline is None or comparison is None:
        words = "there is no baseline to compare with"
        return [RuleResult(rule="no_regression", outcome="undecided", words=words)]
    if comparison.verdict == "not_comparable":
        words = comparison.obstacles[0] if comparison.obstacles else "the runs cannot be compared"
        return [RuleResult(rule="no_regression", outcome="undecided", words=words)]
    accepted = {change.key for change in comparison.regressed if change.accepted}
    looked = watched(rules, Both.of(baseline, candidate), accepted, _incomparable(comparison))
    return drops(looked, rules.min_drop, level)


def drops(looked: Sequence[Watched], min_drop: float, level: float) -> list[RuleResult]:
    """Judge several rates that must not fall, together: Tarone's and Holm's corrections."""
    tests = [_exact(each.cell) for each in looked]
    able = can_reject([_discordant(each.cell) for each in looked], level, sides=1)
    tested = [at for at, can in enumerate(able) if can]
    adjusted = dict(zip(tested, holm([tests[at] for at in tested]), strict=True))
    tables = [(each.cell.differences, _clusters(each.cell)) for each in looked]
    return [
        _no_drop(each, adjusted.get(at, 1.0), interval, Need(min_drop, level))
        for at, (each, interval) in enumerate(
            zip(looked, paired_many(tables, 2 * level), strict=True)
        )
    ]


def _clusters(cell: Cell) -> list[int] | None:
    return None if cell.clusters is None else cell.clusters.tolist()


def watched(
    rules: GateRules, both: Both, accepted: set[str], incomparable: set[str]
) -> list[Watched]:
    """Give what must not fall, without accepted cases and criteria that cannot be compared."""
    return [*_watched(rules, both, accepted, incomparable)]


def _watched(
    rules: GateRules, both: Both, accepted: set[str], incomparable: set[str]
) -> Iterator[Watched]:
    """Give what must not fall: the pass rate, the criteria with a margin, the slices of `by`."""
    margin = rules.margin or 0.0
    keep = [at for at, key in enumerate(both.matched) if key[0] not in accepted]
    whole = both.cell(PASS).part(keep).judged()
    yield Watched("no_regression", whole, margin)
    for name, own in rules.margins.items():
        kind, _, value = name.partition(":")
        aspect = name if kind == "criterion" else ""
        if aspect in both.before and aspect in both.after and aspect not in incomparable:
            yield Watched(f"no_regression {name}", both.cell(aspect).part(keep).judged(), own)
        elif kind != "criterion" and kind not in rules.by:
            yield Watched(f"no_regression {name}", _slice(both, kind, value, accepted), own)
    for tag in rules.by:
        for value in sorted(
            {both.pairing.after[key].dimensions.get(tag, "") for key in both.matched} - {""}
        ):
            own = rules.margins.get(f"{tag}:{value}", margin)
            yield Watched(f"no_regression {tag}:{value}", _slice(both, tag, value, accepted), own)


def _incomparable(comparison: Comparison) -> set[str]:
    return {
        f"criterion:{n}" for n, d in comparison.criteria.items() if d.verdict == "not_comparable"
    }


def _slice(both: Both, tag: str, value: str, accepted: set[str]) -> Cell:
    some = [
        at
        for at, key in enumerate(both.matched)
        if both.pairing.after[key].dimensions.get(tag) == value and key[0] not in accepted
    ]
    return both.cell(PASS).part(some).judged()


def _exact(cell: Cell) -> float:
    return stratified_exact(*_columns(cell)).p_less


def _columns(cell: Cell) -> tuple[list[int], list[int], list[int], list[int]]:
    before, after = cell.before, cell.after
    return _ints(before.passes), _ints(before.trials), _ints(after.passes), _ints(after.trials)


def _ints(values: np.ndarray) -> list[int]:
    return [int(each) for each in values]


def _discordant(cell: Cell) -> int:
    """The cases that differ, each as often as its trials could have told."""
    differs = cell.before.passes * cell.after.trials != cell.after.passes * cell.before.trials
    return int((differs * _least(cell.before, cell.after)).sum())


def _least(before: Counts, after: Counts) -> np.ndarray:
    return np.asarray((before.trials + after.trials) // 2)


@dataclass(frozen=True, slots=True)
class Need:
    """What makes a drop one."""

    drop: float
    """Its least size."""
    level: float
    """Its one-sided error."""


def _no_drop(looked: Watched, p: float, interval: Interval, need: Need) -> RuleResult:
    cell, margin = looked.cell, looked.margin
    n = len(cell.before.passes)
    if not n:
        return RuleResult(
            rule=looked.rule, outcome="undecided", words="no case was judged by both", bound=-margin
        )
    value = math.fsum(cell.differences) / n
    of = "1 case" if n == 1 else f"{n} cases"
    seen = f"{value * 100:+.1f} points on {of}, surely above {interval.low * 100:+.1f}"
    tolerated = f"{margin * 100:.1f} points"
    outcome: GateOutcome
    if interval.low > -margin:
        outcome, words = "pass", f"{seen}: no drop of more than {tolerated}"
    elif p <= need.level and -value > margin and -value >= need.drop:
        outcome = "fail"
        words = (
            f"{seen}: a drop of more than {tolerated}, which noise does not explain (p = {p:.2g})"
        )
    else:
        outcome = "undecided"
        words = f"{seen}: a drop of more than {tolerated} is neither shown nor ruled out"
    return RuleResult(
        rule=looked.rule,
        outcome=outcome,
        words=words,
        value=value,
        bound=-margin,
        low=interval.low,
        high=interval.high,
        p=p,
    )


def against_critical(comparison: Comparison | None) -> RuleResult:
    """Look at critical cases one by one: what passed always must not fail always."""
    if comparison is None or comparison.verdict == "not_comparable":
        return _of_critical("undecided", "there is no baseline that it can be compared with")
    worse = [c for c in comparison.regressed if c.critical and not c.accepted]
    broken = [c.case for c in worse if c.before[0] == c.before[1] and not c.after[0]]
    shaky = [c.case for c in worse if c.case not in broken]
    if broken:
        return _of_critical("fail", f"from pass to fail: {', '.join(broken[:5])}", len(broken))
    if shaky:
        return _of_critical("undecided", f"less often than before: {', '.join(shaky[:5])}", 0)
    return _of_critical("pass", "no critical case went from pass to fail", 0)


def _of_critical(outcome: GateOutcome, words: str, value: int | None = None) -> RuleResult:
    return RuleResult(
        rule="no_critical_regression",
        outcome=outcome,
        words=words,
        value=None if value is None else float(value),
    )

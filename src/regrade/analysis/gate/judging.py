"""Say whether a run may ship."""

from collections.abc import Mapping

from regrade.domain import Comparison, GateOutcome, GateResult, GateRules, Run

from .absolute import against_ceilings, against_floors
from .error import alpha_of, detectable_drop, never, promise
from .judges import Standing, against_judges
from .regressions import against_baseline, against_critical


def judge_gate(
    rules: GateRules,
    candidate: Run,
    baseline: Run | None,
    comparison: Comparison | None,
    *,
    level: float | None = None,
    judges: Mapping[str, Standing] | None = None,
) -> GateResult:
    """Say whether a run may ship, by the rules of its suite.

    `baseline` and `comparison` are needed where the rules look for regressions: without them, or
    where the runs cannot be compared, these rules stay undecided. `level` is the one-sided error of
    each rule at one of several looks; left out, there is one look with all of it. `judges` is what
    the judges of the run have shown, by criterion.
    """
    alpha = alpha_of(rules)
    level = alpha if level is None else level
    found = [*against_floors(rules, candidate, level, judges or {})]
    found += against_ceilings(rules, candidate, level)
    if rules.margin is not None:
        found += against_baseline(rules, candidate, baseline, comparison, level)
    found += against_judges(rules, judges or {})
    if rules.no_critical_regression:
        found.append(against_critical(comparison))
    outcomes = {each.outcome for each in found}
    outcome: GateOutcome = (
        "fail" if "fail" in outcomes else "undecided" if "undecided" in outcomes else "pass"
    )
    n = len(candidate.dataset.cases) if comparison is None else comparison.pass_rate.n
    return GateResult(
        outcome=outcome,
        alpha=alpha,
        rules=tuple(found),
        minimum_detectable_drop=detectable_drop(n, comparison, level),
        promise=promise(rules, alpha),
        warnings=tuple(never(rules, n, alpha)),
        blocks=rules.undecided == "block",
        candidate=candidate.header.run_id,
        baseline=None if baseline is None else baseline.header.label or baseline.header.run_id,
    )

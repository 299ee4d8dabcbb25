"""What changed besides the rates: single cases, kinds of failures, versions, and where regressions
concentrate.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from scipy.special import gammaln

from regrade.analysis.categories import categories_of
from regrade.domain import (
    Attempt,
    CaseChange,
    CategoryChange,
    Concentration,
    Outcome,
    Run,
    RunHeader,
    as_text,
)
from regrade.stats.exact import mcnemar
from regrade.stats.multiple import holm

from .pairing import Counts, Key, Pairing, specs_of

MOST_REASONS = 4
"""Reasons of a regression that are told."""
Attempts = Mapping[str, Sequence[Attempt]]
"""Attempts by case, the first trial first."""


def case_changes(
    pairing: Pairing, before: Counts, after: Counts, attempts: tuple[Attempts, Attempts]
) -> tuple[tuple[CaseChange, ...], tuple[CaseChange, ...]]:
    """Give the cases that got worse, critical ones first, and those that got better."""
    regressed: list[CaseChange] = []
    fixed: list[CaseChange] = []
    for at, key in enumerate(pairing.matched):
        counts = [int(x[at]) for x in (before.passes, before.trials, after.passes, after.trials)]
        a, na, b, nb = counts
        if na and nb and a * nb != b * na:
            change = _change(pairing, key, (a, na), (b, nb), attempts)
            (regressed if b * na < a * nb else fixed).append(change)
    regressed.sort(key=lambda each: (not each.critical, _rate(each.after) - _rate(each.before)))
    return tuple(regressed), tuple(fixed)


def _rate(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1]


def _change(
    pairing: Pairing,
    key: Key,
    before: tuple[int, int],
    after: tuple[int, int],
    attempts: tuple[Attempts, Attempts],
) -> CaseChange:
    old, new = pairing.before[key], pairing.after[key]
    now = attempts[1].get(new.id, ())
    then = attempts[0].get(old.id, ())
    failing = next((attempt for attempt in now if attempt.outcome == "failed"), None)
    fell = before[0] * after[1] > after[0] * before[1]
    telling: tuple[Outcome, Outcome] = ("passed", "failed") if fell else ("failed", "passed")
    outputs = (_output(then, telling[0]), _output(now, telling[1]))
    return CaseChange(
        case=new.id,
        key=key[0],
        before=before,
        after=after,
        critical=new.critical,
        reasons=tuple(_reasons(failing)) if failing else (),
        criteria=tuple(dict.fromkeys(c for attempt in now for c in _failed_criteria(attempt))),
        input=as_text(new.input),
        outputs=outputs,
    )


def _failed_criteria(attempt: Attempt) -> Iterator[str]:
    for grade in attempt.grades:
        spec = grade.spec
        if grade.passed is False and spec and spec.required and spec.criterion:
            yield spec.criterion


def _output(attempts: Sequence[Attempt], outcome: Outcome) -> str | None:
    """Give what was answered in the first trial with an outcome, else in the first one."""
    trace = next((each for each in attempts if each.outcome == outcome), attempts[0]).trace
    if trace.error is not None:
        return f"{trace.error.kind}: {trace.error.message}"
    return as_text(trace.output) if trace.is_captured else None


def _reasons(attempt: Attempt) -> Iterator[str]:
    if attempt.trace.error is not None:
        yield f"{attempt.trace.error.kind}: {attempt.trace.error.message}"
        return
    failed = [g for g in attempt.grades if g.passed is False and g.spec and g.spec.required]
    for grade in failed[:MOST_REASONS]:
        assert grade.spec is not None, "chosen so"
        yield f"{grade.spec.criterion or grade.spec.name}: {grade.reason}"


def category_changes(
    ids: Sequence[tuple[str, str]], attempts: tuple[Attempts, Attempts]
) -> dict[str, CategoryChange]:
    """Count cases by kind of failure in both runs, and test which became more or fewer."""
    then = [_kinds(attempts[0].get(old, ())) for old, _ in ids]
    now = [_kinds(attempts[1].get(new, ())) for _, new in ids]
    names = sorted({kind for each in (*then, *now) for kind in each})
    tests = []
    for name in names:
        gone = sum(name in a and name not in b for a, b in zip(then, now, strict=True))
        new = sum(name in b and name not in a for a, b in zip(then, now, strict=True))
        tests.append(mcnemar(new, gone).midp)
    found = {
        name: CategoryChange(
            before=sum(name in each for each in then),
            after=sum(name in each for each in now),
            adjusted_p=p,
        )
        for name, p in zip(names, holm(tests), strict=True)
    }
    return dict(sorted(found.items(), key=lambda each: (each[1].before - each[1].after, each[0])))


def _kinds(attempts: Sequence[Attempt]) -> set[str]:
    return {
        kind
        for attempt in attempts
        if attempt.outcome == "failed"
        for kind in categories_of(attempt)
    }


def concentrations(
    regressed: Sequence[CaseChange], pairing: Pairing, at_risk: Sequence[Key]
) -> tuple[Concentration, ...]:
    """Say which slices hold more regressions than their sizes explain: of cases that could regress,
    because they passed before.

    Source: one-sided hypergeometric test of every slice, corrected by Holm.
    """
    worse = {change.key for change in regressed}
    slices = [pairing.after[key].dimensions for key in at_risk]
    sizes = Counter(each for dimensions in slices for each in dimensions.items())
    hits = Counter(
        each
        for key, dimensions in zip(at_risk, slices, strict=True)
        if key[0] in worse
        for each in dimensions.items()
    )
    total, drawn = len(at_risk), sum(key[0] in worse for key in at_risk)
    names = [each for each, number in hits.items() if number > 1 and sizes[each] < total]
    tests = [_upper_tail(hits[each], total, sizes[each], drawn) for each in names]
    found = [
        Concentration(tag=tag, value=value, regressed=hits[tag, value], of=drawn, adjusted_p=p)
        for (tag, value), p in zip(names, holm(tests), strict=True)
        if p <= 0.05
    ]
    return tuple(sorted(found, key=lambda each: each.adjusted_p))


def _upper_tail(hits: int, total: int, marked: int, drawn: int) -> float:
    """P(X >= hits) of marked ones among those drawn."""
    last = min(marked, drawn)
    base = _log_choose(total, drawn)
    return min(
        1.0,
        sum(
            math.exp(_log_choose(marked, k) + _log_choose(total - marked, drawn - k) - base)
            for k in range(hits, last + 1)
            if drawn - k <= total - marked
        ),
    )


def _log_choose(n: int, k: int) -> float:
    return float(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def version_changes(baseline: Run, candidate: Run) -> tuple[str, ...]:
    """Say what differs between the two versions: what was changed first, then what judges it."""
    return tuple(_versions(baseline.header, candidate.header)) + tuple(
        _graders(baseline, candidate)
    )


def _versions(a: RunHeader, b: RunHeader) -> Iterator[str]:
    for kind in dict.fromkeys([*a.fingerprint, *b.fingerprint]):
        if a.fingerprint.get(kind) != b.fingerprint.get(kind):
            yield f"{kind} changed"
    if a.revision and b.revision and a.revision.commit != b.revision.commit:
        yield f"commit {a.revision.commit[:9]} → {b.revision.commit[:9]} ({b.revision.subject})"
    if b.revision and b.revision.is_dirty:
        yield "the candidate has changes that were not committed"
    if a.target_version != b.target_version:
        yield f"target {a.target_version} → {b.target_version}"
    if a.dataset_version != b.dataset_version:
        yield f"dataset {a.dataset_version} → {b.dataset_version}"
    if a.trials != b.trials:
        yield f"trials {a.trials} → {b.trials}"
    if a.suite.with_gold != b.suite.with_gold:
        yield f"known-good output of {b.suite.with_gold or a.suite.with_gold} stands in, in one of the runs"


def _graders(baseline: Run, candidate: Run) -> Iterator[str]:
    a, b = identities(baseline), identities(candidate)
    for name in dict.fromkeys([*a, *b]):
        if name not in a:
            yield f"grader {name} is new"
        elif name not in b:
            yield f"grader {name} is gone"
        elif a[name] != b[name]:
            yield f"grader {name} judges otherwise"


def identities(run: Run) -> dict[str, str]:
    """Give the identity of each grader of a run, by name."""
    return {spec.name: spec.identity_key for spec in specs_of(run)}

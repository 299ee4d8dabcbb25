"""Compare two runs over the same cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from regrade.analysis.attribution import attribute_change
from regrade.analysis.dimensions import is_unwanted
from regrade.domain import (
    Comparison,
    Delta,
    Margins,
    Run,
    Split,
    content_hash,
)
from regrade.stats import detectable_change
from regrade.stats.differences import matched_split

from .both import Both
from .changes import (
    case_changes,
    category_changes,
    concentrations,
    identities,
    version_changes,
)
from .deltas import deltas, noise_in
from .operations import operations_change
from .pairing import PASS, Counts, count, specs_of
from .ship import worth_shipping
from .slices import cells_of, judgeable, not_judged, places_of, slices_of

FEWEST_MATCHED = 0.8
"""The share of cases that must be the same for two runs to be compared."""
ALPHA_OF_DROPS = 0.05
"""The two-sided error at which the smallest drop is told that could be seen."""


def compare(baseline: Run, candidate: Run, *, margins: Margins | None = None) -> Comparison:
    """Compare a candidate with a baseline, case by case.

    `margins` are the drops that are tolerated: `` for the pass rate, and for all that has none of its
    own, `criterion:id`, `component:name` and `tag:value`; with one, a difference may be equivalent.
    Verdicts hold together with an error of 5 %.
    """
    margins = margins or {}
    overall_margin = margins.get("")
    both = Both.of(baseline, candidate)
    matched = both.matched
    names = [name for name in both.before if name in both.after and name != PASS]
    [overall] = deltas([both.cell(PASS)], [overall_margin], small=False)
    aspects = dict(
        zip(
            names,
            deltas(
                [both.cell(n) for n in names],
                [margins.get(n, overall_margin) for n in names],
                small=False,
            ),
            strict=True,
        )
    )
    places = places_of(both, candidate)
    slices = slices_of(both, places, margins)
    cells = cells_of(both, places)
    seed = int(content_hash([baseline.header.run_id, candidate.header.run_id])[:12], 16)
    attempts = (both.attempts_before, both.attempts_after)
    regressed, fixed = case_changes(both.pairing, both.before[PASS], both.after[PASS], attempts)
    touched, obstacles = _obstacles(baseline, candidate, both)
    overall = not_judged(overall, PASS in touched)
    aspects = {name: not_judged(each, name in touched) for name, each in aspects.items()}
    at_risk = both.judged & (both.before[PASS].passes > 0)  # a case that failed cannot regress
    judged = [key for key, could in zip(matched, at_risk, strict=True) if could]
    components = candidate.header.suite.components
    found = Comparison(
        baseline=baseline.header,
        candidate=candidate.header,
        pass_rate=overall,
        criteria=_of("criterion", aspects),
        slices=judgeable(slices, incomparable=PASS in touched),
        cells={
            name: judgeable(each, incomparable=f"criterion:{name}" in touched)
            for name, each in cells.items()
        },
        components=_of("component", aspects),
        dimensions={
            name: turned(each) if is_unwanted(name) else each
            for name, each in _of("dimension", aspects).items()
        },
        operations=operations_change(both.ids, attempts, seed),
        split=_split(baseline, candidate, both),
        regressed=regressed,
        fixed=fixed,
        changed=both.pairing.changed,
        added=both.pairing.added,
        removed=both.pairing.removed,
        unjudged=len(matched) - overall.n,
        failure_categories=category_changes(both.ids, attempts),
        attribution=attribute_change([*both.attempt_pairs()], components, seed=seed),
        concentrations=concentrations(regressed, both.pairing, judged),
        version_changes=version_changes(baseline, candidate),
        obstacles=obstacles,
        minimum_detectable_drop=detectable_drop(overall),
        topics=_topics(baseline, candidate),
    )
    ship, reasons = worth_shipping(found)
    return replace(found, ship=ship, reasons=reasons)


def _of(kind: str, aspects: Mapping[str, Delta]) -> dict[str, Delta]:
    return {
        name.partition(":")[2]: each
        for name, each in aspects.items()
        if name.startswith(f"{kind}:")
    }


def turned(delta: Delta) -> Delta:
    """Give the difference of the share that does not hold: of what is unwanted, more is worse."""
    return replace(
        delta,
        baseline=None if delta.baseline is None else 1 - delta.baseline,
        candidate=None if delta.candidate is None else 1 - delta.candidate,
        delta=None if delta.delta is None else 0.0 - delta.delta,  # never -0.0
        low=None if delta.high is None else 0.0 - delta.high,
        high=None if delta.low is None else 0.0 - delta.low,
    )


def _obstacles(baseline: Run, candidate: Run, both: Both) -> tuple[set[str], tuple[str, ...]]:
    """Say which aspects cannot be compared, why, and what to do."""
    said: list[str] = []
    touched: set[str] = set()
    a, b = identities(baseline), identities(candidate)
    other = {name for name in {*a, *b} if a.get(name) != b.get(name)}
    for run in (baseline, candidate):
        for spec in specs_of(run):
            if spec.name in other:
                touched |= {f"criterion:{spec.criterion}", f"component:{spec.component}"}
                touched |= {PASS} if spec.required else set()
    if other:
        names = ", ".join(sorted(other))
        said.append(
            f"the runs were judged by other graders ({names}); judge the baseline's stored answers again "
            f"first: regrade grade {baseline.header.run_id}, and compare with that run"
        )
    larger = max(len(both.pairing.before), len(both.pairing.after))
    share = len(both.matched) / larger if larger else 0.0
    if share < FEWEST_MATCHED:
        touched |= {*both.before, *both.after}
        said.append(
            f"only {len(both.matched)} of {larger} cases are the same ({share:.0%}, fewer than "
            f"{FEWEST_MATCHED:.0%}); run both versions on the same cases"
        )
    for run in (baseline, candidate):
        if run.header.stopped_by == "verdict":
            touched |= {*both.before, *both.after}
            said.append(
                f"the run {run.header.run_id} ended at an early verdict: what it has is no sample of a size "
                "that was fixed before; run the rest of it first"
            )
        if not run.summary.is_valid:
            touched |= {*both.before, *both.after}
            said.append(
                f"the run {run.header.run_id} is not valid: {run.summary.invalid_share:.1%} of its attempts "
                "broke; run it again"
            )
    return touched, tuple(said)


def _split(baseline: Run, candidate: Run, both: Both) -> Split | None:
    rates = [_rates(run) for run in (baseline, candidate)]
    if not all(rates):
        return None
    keyed = []
    for side, rate in ((both.pairing.before, rates[0]), (both.pairing.after, rates[1])):
        keyed.append(
            {f"{key[0]}#{key[1]}": rate[case.id] for key, case in side.items() if case.id in rate}
        )
    found = matched_split(keyed[0], keyed[1])
    return Split(
        total=found.total,
        matched=found.matched,
        added=found.added,
        removed=found.removed,
        n_matched=found.n_matched,
    )


def _rates(run: Run) -> dict[str, float]:
    """The pass rate of every judged case."""
    found: dict[str, list[bool]] = {}
    for attempt in run.attempts:
        if attempt.outcome != "ungraded":
            found.setdefault(attempt.case.id, []).append(attempt.outcome == "passed")
    return {case: fmean(each) for case, each in found.items()}


def detectable_drop(delta: Delta) -> float | None:
    """Give the smallest drop of the pass rate that so many cases show, beside the cases that differ
    for other reasons.
    """
    return detectable_change(delta.n, noise_in(delta), ALPHA_OF_DROPS)


_Topics = dict[str, dict[str, dict[str, tuple[float | None, float | None]]]]


def _topics(baseline: Run, candidate: Run) -> _Topics:
    """Give the mean of every aspect by tag and value, over all cases of each run."""
    sides = []
    for run in (baseline, candidate):
        places = {case.id: at for at, case in enumerate(run.dataset.cases)}
        counts = count(run.attempts, places, len(places))
        sides.append((run, counts))
    found: _Topics = {}
    for at, (run, counts) in enumerate(sides):
        members: dict[str, dict[str, list[int]]] = {}
        for place, case in enumerate(run.dataset.cases):
            for tag, value in case.dimensions.items():
                members.setdefault(tag, {}).setdefault(value, []).append(place)
        for aspect, each in counts.items():
            name = aspect.partition(":")[2] or aspect
            for tag, values in members.items():
                for value, some in values.items():
                    place_ = found.setdefault(name, {}).setdefault(tag, {})
                    old = place_.get(value, (None, None))
                    mean = _mean(each, some)
                    place_[value] = (mean, old[1]) if at == 0 else (old[0], mean)
    return found


def _mean(counts: Counts, some: Sequence[int]) -> float | None:
    passes, trials = counts.passes[some], counts.trials[some]
    judged = trials > 0
    return float((passes[judged] / trials[judged]).mean()) if judged.any() else None

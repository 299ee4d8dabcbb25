"""What earlier runs say of the cases themselves: which tell versions apart, and which may be
labelled wrong.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

FEWEST_RUNS = 3
"""Runs below which cases that never failed are not spoken of."""
FEWEST_VERSIONS = 3
"""Versions of the target below which nobody can say which is the best."""


@dataclass(frozen=True, slots=True)
class RunOutcomes:
    """How the cases came out in one run."""

    version: str
    """The target's version."""
    passed: Mapping[str, bool]
    """By case: whether every judged trial passed."""


@dataclass(frozen=True, slots=True)
class ItemFindings:
    """What earlier runs say of the cases."""

    runs: int
    """Runs that were looked at."""
    versions: int
    """Versions of the target among them."""
    never_failed: tuple[str, ...] = ()
    """Cases that passed in every one of at least three runs: they tell no versions apart."""
    failed_by_the_best: tuple[str, ...] = ()
    """Cases that every version that passes is worse than every version that fails: often a wrong
    label."""


def examine_items(cases: Sequence[str], runs: Sequence[RunOutcomes]) -> ItemFindings:
    """Look at the cases' outcomes in earlier runs, each case by its key."""
    by_version: defaultdict[str, list[RunOutcomes]] = defaultdict(list)
    for run in runs:
        if run.passed:
            by_version[run.version].append(run)
    rates = {
        version: fmean(fmean(run.passed.values()) for run in group)
        for version, group in by_version.items()
    }
    never = [case for case in cases if _never_failed(case, runs)]
    best = [case for case in cases if _failed_by_the_best(case, by_version, rates)]
    return ItemFindings(len(runs), len(rates), tuple(never), tuple(best))


def _never_failed(case: str, runs: Sequence[RunOutcomes]) -> bool:
    outcomes = [run.passed[case] for run in runs if case in run.passed]
    return len(outcomes) >= FEWEST_RUNS and all(outcomes)


def _failed_by_the_best(
    case: str, by_version: Mapping[str, Sequence[RunOutcomes]], rates: Mapping[str, float]
) -> bool:
    failing: list[float] = []
    passing: list[float] = []
    for version, group in by_version.items():
        outcomes = [run.passed[case] for run in group if case in run.passed]
        if outcomes:
            (passing if fmean(outcomes) >= 0.5 else failing).append(rates[version])
    known = len(failing) + len(passing)
    return (
        known >= FEWEST_VERSIONS and bool(failing) and bool(passing) and min(failing) > max(passing)
    )

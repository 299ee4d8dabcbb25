"""What the graders noticed of what was broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Attempt, Estimate, GraderSpec
from regrade.stats import wilson

from .breaks import BREAKS
from .making import Broken

MOST_EXAMPLES = 5
"""Cases that are named where a break was not noticed."""
UNTOUCHED = frozenset(
    {"latency", "cost", "tokens", "no_error", "fresh", "request", "injection", "leak"}
)
"""Graders of what no break touches: time, money, errors, what a model was sent, what was planted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakResult:
    """What became of one break."""

    name: str
    """The break."""
    words: str
    """What it does."""
    noticed: Estimate
    """The share of broken traces that failed."""
    graders: Mapping[str, int]
    """How many of them each grader failed, those that failed most first."""
    unnoticed: tuple[str, ...]
    """Cases whose broken trace still passed, a few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraderResult:
    """What one grader noticed."""

    name: str
    """The grader."""
    judged: int
    """Broken traces whose good form it passed, and that it judged."""
    failed: int
    """Those of them that it failed."""
    is_touched: bool
    """Whether any break touches what it judges."""

    @property
    def never_fires(self) -> bool:
        """Whether it passed whatever was broken, though it could have noticed."""
        return self.is_touched and self.judged > 0 and not self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """What the graders of a suite notice of broken traces."""

    good: int
    """Good traces that were broken."""
    breaks: tuple[BreakResult, ...]
    """Every break that was tried, the least noticed first."""
    not_tried: tuple[str, ...]
    """Breaks for which no trace had anything to break."""
    graders: tuple[GraderResult, ...]
    """Every grader, those that never fire first."""


def mutation_of(broken: Sequence[Broken], judged: Sequence[Attempt], good: int) -> Mutation:
    """Count what graders noticed: `judged[i]` is `broken[i]`, judged; of `good` traces.

    A grader noticed a break when it passed the good trace and fails the broken one.
    """
    fired: dict[str, Counter[str]] = {}
    totals: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    outcomes: dict[str, list[tuple[str, bool]]] = {}
    for each, attempt in zip(broken, judged, strict=True):
        outcomes.setdefault(each.name, []).append((attempt.case.id, attempt.outcome == "failed"))
        passed = {grade.spec.name for grade in each.good.grades if grade.spec and grade.passed}
        for grade in attempt.grades:
            if grade.spec is None or grade.passed is None or grade.spec.name not in passed:
                continue
            name = _named(grade.spec)
            totals[name] += 1
            if not grade.passed:
                failed[name] += 1
                fired.setdefault(each.name, Counter())[name] += 1
    results = [_result(name, found, fired.get(name, Counter())) for name, found in outcomes.items()]
    touched = {_named(spec): _is_touched(spec) for spec in _specs(broken)}
    graders = [
        GraderResult(name=name, judged=totals[name], failed=failed[name], is_touched=touched[name])
        for name in touched
    ]
    return Mutation(
        good=good,
        breaks=tuple(sorted(results, key=lambda each: (each.noticed.value or 0.0, each.name))),
        not_tried=tuple(name for name in BREAKS if name not in outcomes),
        graders=tuple(sorted(graders, key=lambda each: (not each.never_fires, each.name))),
    )


def _result(name: str, found: Sequence[tuple[str, bool]], fired: Counter[str]) -> BreakResult:
    n, noticed = len(found), sum(was for _, was in found)
    return BreakResult(
        name=name,
        words=BREAKS[name].words,
        noticed=Estimate(noticed / n, *wilson(noticed, n), n, method="wilson"),
        graders=dict(fired.most_common()),
        unnoticed=tuple(case for case, was in found if not was)[:MOST_EXAMPLES],
    )


def _specs(broken: Sequence[Broken]) -> list[GraderSpec]:
    found: dict[str, GraderSpec] = {}
    for each in broken:
        found |= {grade.spec.name: grade.spec for grade in each.good.grades if grade.spec}
    return [*found.values()]


def _named(spec: GraderSpec) -> str:
    return f"{spec.component}: {spec.name}" if spec.component else spec.name


def _is_touched(spec: GraderSpec) -> bool:
    return spec.identity.type not in UNTOUCHED

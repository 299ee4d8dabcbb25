"""Which component failed first: the failure rate of the pipeline taken apart, in one run and
between two.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from regrade.domain import Attempt, Component, ComponentChange, Estimate
from regrade.stats import wilson

NO_COMPONENT = "none"
"""Where the pipeline failed and no component's grader did: a gap in the component graders."""


def first_failures(
    judged: Sequence[Attempt], components: Sequence[Component]
) -> dict[str, Estimate]:
    """Estimate the share of judged attempts that failed first at each component, in pipeline order.

    The shares add up to the failure rate exactly. Empty when the suite names no component.
    """
    if not components:
        return {}
    counts = Counter(first_failure(attempt, components) for attempt in judged)
    n = len(judged)
    return {
        name: Estimate(
            counts[name] / n if n else None, *wilson(counts[name], n), n, method="wilson"
        )
        for name in _names(components)
    }


def cases_by_first_failure(
    failures: Sequence[Attempt], components: Sequence[Component]
) -> dict[str, tuple[str, ...]]:
    """Name the cases of failed attempts by the component that failed first, in their order."""
    if not components:
        return {}
    first = [(first_failure(attempt, components), attempt.case.id) for attempt in failures]
    return {
        name: tuple(case for found, case in first if found == name) for name in _names(components)
    }


def first_failure(attempt: Attempt, components: Sequence[Component]) -> str | None:
    """Name the first component, in pipeline order, whose own graders failed a failed attempt;
    `none` where all of them passed it, None where it did not fail.
    """
    if attempt.outcome != "failed":
        return None
    failed = {
        grade.spec.component
        for grade in attempt.grades
        if grade.passed is False and grade.spec is not None
    }
    return next(
        (component.name for component in components if component.name in failed), NO_COMPONENT
    )


def _names(components: Sequence[Component]) -> list[str]:
    return [*(component.name for component in components), NO_COMPONENT]


def attribute_change(
    pairs: Sequence[tuple[Attempt, Attempt]],
    components: Sequence[Component],
    *,
    seed: int,
    alpha: float = 0.05,
) -> Mapping[str, ComponentChange]:
    """Take the change between two runs apart by component, over attempts at the same cases.

    Shapes: pairs of attempts, of the baseline and the candidate, of which both were judged; several
    pairs at one case, or at cases of one cluster, are not taken as independent. Empty when there is
    no pair, or the suite names no component.
    Source: first-failure shares with `paired_ci`; conditional failure rates split by `lmdi`, with a
    bootstrap over clusters.
    """
    if not components or not pairs:
        return {}
    from regrade.stats.attribution import (  # noqa: PLC0415  numpy, only where runs are compared
        first_failure_delta,
        hazards,
        lmdi,
        lmdi_ci,
    )
    from regrade.stats.differences import paired_ci  # noqa: PLC0415  the same

    names = _names(components)
    before = [first_failure(a, components) for a, _ in pairs]
    after = [first_failure(b, components) for _, b in pairs]
    clusters = _clusters(pairs)
    first = first_failure_delta(before, after)
    rates = [
        {name: each.value for name, each in hazards(side, names).items()}
        for side in (before, after)
    ]
    own = lmdi(*rates)
    drawn = lmdi_ci(before, after, names, clusters=clusters, seed=seed, alpha=alpha)
    n, groups = len(pairs), None if clusters is None else len({*clusters})
    found = {}
    for name in names:
        moved = [float(a == name) - float(b == name) for a, b in zip(before, after, strict=True)]
        first_ends, own_ends = paired_ci(moved, alpha, clusters), drawn[name]
        low, high = own_ends if own_ends is not None else (None, None)
        found[name] = ComponentChange(
            first_before=before.count(name),
            first_after=after.count(name),
            first_delta=Estimate(first.get(name, 0.0), *first_ends, n, groups, "paired_ci"),
            own_delta=Estimate(own[name], low, high, n, groups, "lmdi_ci"),
        )
    return found


def _clusters(pairs: Sequence[tuple[Attempt, Attempt]]) -> list[Hashable] | None:
    """Group pairs that are not independent; None where each stands for itself."""
    found: list[Hashable] = [a.case.cluster or f"\0{a.case.id}" for a, _ in pairs]
    return None if len({*found}) == len(found) else found

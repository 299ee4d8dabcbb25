"""Which component failed first: the failure rate of the pipeline, taken apart."""

from collections import Counter
from collections.abc import Sequence

from regrade.domain import Attempt, Component, Estimate
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
    counts = Counter(
        _first(attempt, components) for attempt in judged if attempt.outcome == "failed"
    )
    n = len(judged)
    names = [*(component.name for component in components), NO_COMPONENT]
    return {
        name: Estimate(
            counts[name] / n if n else None, *wilson(counts[name], n), n, method="wilson"
        )
        for name in names
    }


def _first(attempt: Attempt, components: Sequence[Component]) -> str:
    failed = {
        grade.spec.component
        for grade in attempt.grades
        if grade.passed is False and grade.spec is not None
    }
    return next(
        (component.name for component in components if component.name in failed), NO_COMPONENT
    )

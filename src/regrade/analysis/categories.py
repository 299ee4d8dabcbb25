"""What kinds of failures there were, and which components failed behind a pipeline that passed."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from regrade.domain import Attempt, Component


def failure_categories(attempts: Sequence[Attempt]) -> dict[str, int]:
    """Count failed attempts by category, the commonest first; one attempt may be in several.

    Categories are the kinds of errors (`error: timeout`), what failing graders call their fault
    (`tool_calls: wrong argument`), else the grader itself, and the failure modes that the failed
    cases were known for (`known: …`).
    """
    counts: Counter[str] = Counter()
    for attempt in attempts:
        if attempt.outcome == "failed":
            counts.update({*categories_of(attempt)})
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def categories_of(attempt: Attempt) -> Iterator[str]:
    """Name the kinds of a failed attempt's failure."""
    if attempt.trace.error is not None:
        yield f"error: {attempt.trace.error.kind}"
    else:
        for grade in attempt.grades:
            if grade.passed is False and grade.spec is not None:
                labels = _labels(grade.spec.identity.type, grade.label)
                yield from (f"{grade.spec.name}: {label}" for label in labels)
                if not labels:
                    yield grade.spec.name
    yield from (f"known: {mode}" for mode in attempt.case.known_failure_modes)


_NAMING = frozenset(
    {"tool_calls", "citations", "context_utilization", "policy", "pii", "sql", "refusal"}
)
"""Types of graders whose label names the fault; those of others name the answer."""


def _labels(kind: str, label: str | None) -> list[str]:
    return label.split(", ") if label and kind in _NAMING else []


def masked_failures(
    attempts: Sequence[Attempt], components: Sequence[Component]
) -> dict[str, tuple[str, ...]]:
    """Name, by component, the cases of the attempts that passed although a grader of the component
    failed: what the pipeline made up for.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for attempt in attempts:
        if attempt.outcome == "passed":
            failed = {
                grade.spec.component
                for grade in attempt.grades
                if grade.passed is False and grade.spec is not None
            }
            for each in components:
                if each.name in failed:
                    found[each.name].append(attempt.case.id)
    return {name: tuple(sorted(ids)) for name, ids in found.items()}

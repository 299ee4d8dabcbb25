"""Dimensions that have a name of their own, by the graders that measure them; never folded into one
number.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from regrade.domain import Attempt, Confusion, Grade, GraderSpec, Rate

from .rates import clusters_of, rate_estimate

_WANTED: Mapping[str, str] = {
    "parse_success": "json",
    "schema_success": "json_schema",
    "refusal_correctness": "refusal",
    "context_utilization": "context_utilization",
}
"""What should be there: dimension to the type of the graders that measure it."""
_UNWANTED: Mapping[str, str] = {
    "personal_data": "pii",
    "leaks": "leak",
    "injections_followed": "injection",
    "disallowed_content": "policy",
}
"""What should not be there: rates count what failed."""
_NAMES = {kind: name for name, kind in {**_WANTED, **_UNWANTED}.items()}


_Judged = list[tuple[Attempt, list[Grade]]]
"""Attempts with the grades that decide one dimension."""


def dimensions(attempts: Sequence[Attempt]) -> dict[str, Rate]:
    """Estimate every dimension that a grader of the run judged, in the order of the table.

    An attempt without an answer says nothing of them. `disallowed_content:CATEGORY` follows for
    every category that was found at all.
    """
    judged: defaultdict[str, _Judged] = defaultdict(list)
    abstained: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for attempt in attempts:
        if attempt.failures:
            broken.update({n for f in attempt.failures if (n := _NAMES.get(f.spec.identity.type))})
        if attempt.trace.error is None:
            for name, grades in _by_name(attempt.grades).items():
                decided = [grade for grade in grades if grade.passed is not None]
                if decided:
                    judged[name].append((attempt, decided))
                else:
                    abstained[name] += 1
    found: dict[str, Rate] = {}
    for name in (*_WANTED, *_UNWANTED):
        if name in judged or name in broken:
            found[name] = _rate(name, judged[name], abstained[name], broken[name])
        if name == "disallowed_content":
            found |= _by_category(judged[name])
    return found


def is_unwanted(name: str) -> bool:
    """Whether a dimension is good when it is nothing."""
    return name.partition(":")[0] in _UNWANTED


def dimension_of(spec: GraderSpec) -> str | None:
    """Name the dimension that a grader measures: what should be there, or should not."""
    return _NAMES.get(spec.identity.type)


def _by_name(grades: Sequence[Grade]) -> Mapping[str, list[Grade]]:
    found: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.spec is not None and (name := _NAMES.get(grade.spec.identity.type)) is not None:
            found.setdefault(name, []).append(grade)
    return found


def _rate(name: str, judged: _Judged, abstained: int, broken: int) -> Rate:
    unwanted = is_unwanted(name)
    values = [any(g.passed is False for g in grades) is unwanted for _, grades in judged]
    estimate = rate_estimate(values, clusters_of([attempt for attempt, _ in judged]))
    return Rate(estimate=estimate, abstentions=abstained, grader_failures=broken)


def _by_category(judged: _Judged) -> dict[str, Rate]:
    labels = [
        {label for grade in grades if grade.label for label in grade.label.split(", ")}
        for _, grades in judged
    ]
    clusters = clusters_of([attempt for attempt, _ in judged])
    return {
        f"disallowed_content:{category}": Rate(
            estimate=rate_estimate([category in each for each in labels], clusters)
        )
        for category in sorted({label for each in labels for label in each})
    }


def confusions(attempts: Sequence[Attempt]) -> dict[str, Confusion]:
    """Count which label was answered where which was expected, for every grader that says both."""
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for attempt in attempts:
        for grade in attempt.grades:
            if grade.spec is None or grade.expected is None or grade.label is None:
                continue
            counts[grade.spec.name][grade.expected, grade.label] += 1
    return {
        name: Confusion(
            labels=tuple(sorted({label for pair in found for label in pair})), counts=found
        )
        for name, found in counts.items()
    }

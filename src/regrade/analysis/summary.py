"""What a run says: rates with their intervals, by criterion, slice and component; never one number
for it all.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from regrade.domain import (
    Attempt,
    Estimate,
    Grade,
    GraderSpec,
    Operations,
    Rate,
    RunHeader,
    Summary,
)

from .attribution import cases_by_first_failure, first_failures
from .categories import failure_categories, masked_failures
from .components import component_operations
from .dimensions import confusions, dimensions
from .judging import judge_summaries
from .rates import clusters_of, quantile_estimate, rate_estimate

MOST_SLICE_VALUES = 20
"""Values that a tag may have to be a slice by itself."""
SHOW_WORST_CASE_ABOVE = 0.02
"""The share of ungraded attempts above which the bounds are shown that they leave open."""


def summarize(header: RunHeader, attempts: Sequence[Attempt]) -> Summary:
    """Estimate everything that the attempts of a run can say."""
    outcomes = Counter(attempt.outcome for attempt in attempts)
    judged = [attempt for attempt in attempts if attempt.outcome != "ungraded"]
    errors = Counter(
        attempt.trace.error.kind for attempt in attempts if attempt.trace.error is not None
    )
    broken = sum(1 for attempt in attempts if attempt.outcome == "ungraded" and attempt.failures)
    unsaid = broken + errors["transport"] + errors["not_recorded"]
    failures = tuple(sorted((a for a in attempts if a.outcome == "failed"), key=_severity))
    slices = _slices(judged, header.suite.slices)
    return Summary(
        header=header,
        cases=len({attempt.case.id for attempt in attempts}),
        attempts=header.planned,
        passed=outcomes["passed"],
        failed=outcomes["failed"],
        ungraded=outcomes["ungraded"],
        errors=errors.total(),
        not_run=header.planned - len(attempts),
        abstentions=sum(grade.passed is None for attempt in attempts for grade in attempt.grades),
        grader_failures=sum(len(attempt.failures) for attempt in attempts),
        pass_rate=_pass_rate(judged),
        worst_case=_worst_case(outcomes["passed"], outcomes["ungraded"], len(attempts)),
        criteria=_rates(attempts, header.suite.criteria, lambda spec: spec.criterion),
        slices=slices,
        components=_rates(
            attempts, [c.name for c in header.suite.components], lambda spec: spec.component
        ),
        component_operations=component_operations(attempts, header.suite.components),
        attribution=first_failures(judged, header.suite.components),
        dimensions=dimensions(attempts),
        confusion=confusions(attempts),
        first_failed=cases_by_first_failure(failures, header.suite.components),
        masked=masked_failures(attempts, header.suite.components),
        failure_categories=failure_categories(attempts),
        error_kinds=dict(errors.most_common()),
        operations=_operations(attempts),
        judges=judge_summaries(attempts),
        failures=failures,
        invalid_share=unsaid / len(attempts) if attempts else 0.0,
        cells=_cells(attempts, header, slices),
    )


def _pass_rate(judged: Sequence[Attempt]) -> Estimate:
    return rate_estimate([attempt.outcome == "passed" for attempt in judged], clusters_of(judged))


def _worst_case(passed: int, ungraded: int, made: int) -> tuple[float, float] | None:
    if made == 0 or ungraded / made <= SHOW_WORST_CASE_ABOVE:
        return None
    return passed / made, (passed + ungraded) / made


def _rates(
    attempts: Sequence[Attempt],
    names: Iterable[str],
    speaks_for: Callable[[GraderSpec], str | None],
) -> dict[str, Rate]:
    """Estimate how often all graders that speak for one thing pass it."""
    wanted = [*names]
    if not wanted:
        return {}
    passes: defaultdict[str, list[bool]] = defaultdict(list)
    judged: defaultdict[str, list[Attempt]] = defaultdict(list)
    abstained: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for attempt in attempts:
        broke = {speaks_for(failure.spec) for failure in attempt.failures}
        broken.update(name for name in broke if name is not None)
        for name, passed in verdicts(attempt, speaks_for).items():
            if passed is not None:
                passes[name].append(passed)
                judged[name].append(attempt)
            elif name not in broke:
                abstained[name] += 1
    return {
        name: Rate(
            estimate=rate_estimate(passes[name], clusters_of(judged[name])),
            abstentions=abstained[name],
            grader_failures=broken[name],
        )
        for name in wanted
    }


def verdicts(
    attempt: Attempt, speaks_for: Callable[[GraderSpec], str | None]
) -> dict[str, bool | None]:
    """Say of everything that graders speak for whether an attempt passes it: False where one of them says so, True
    where one says so and none of them broke, else None.
    """
    broke = {speaks_for(failure.spec) for failure in attempt.failures}
    found: dict[str, bool | None] = {}
    for name, grades in _by_name(attempt.grades, speaks_for).items():
        said = {grade.passed for grade in grades}
        found[name] = (
            False if False in said else True if True in said and name not in broke else None
        )
    return found


def _cells(
    attempts: Sequence[Attempt], header: RunHeader, slices: Mapping[str, Mapping[str, Estimate]]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Estimate every criterion in every slice."""
    groups: defaultdict[tuple[str, str, str], list[tuple[bool, Attempt]]] = defaultdict(list)
    for attempt in attempts:
        parts = [each for each in attempt.case.dimensions.items() if each[0] in slices]
        for name, passed in verdicts(attempt, lambda spec: spec.criterion).items():
            if passed is not None:
                for tag, value in parts:
                    groups[name, tag, value].append((passed, attempt))
    return {
        name: {
            tag: {
                value: rate_estimate(
                    [passed for passed, _ in groups[name, tag, value]],
                    clusters_of([attempt for _, attempt in groups[name, tag, value]]),
                )
                for value in values
            }
            for tag, values in slices.items()
        }
        for name in header.suite.criteria
        if slices
    }


def _by_name(
    grades: Sequence[Grade], speaks_for: Callable[[GraderSpec], str | None]
) -> Mapping[str, Sequence[Grade]]:
    found: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.spec is not None and (name := speaks_for(grade.spec)) is not None:
            found.setdefault(name, []).append(grade)
    return found


def _slices(
    judged: Sequence[Attempt], chosen: Sequence[str] | None
) -> dict[str, dict[str, Estimate]]:
    groups: defaultdict[str, defaultdict[str, list[Attempt]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for attempt in judged:
        for tag, value in attempt.case.dimensions.items():
            if chosen is None or tag in chosen:
                groups[tag][value].append(attempt)
    names = (
        chosen if chosen is not None else [t for t in groups if len(groups[t]) <= MOST_SLICE_VALUES]
    )
    return {
        tag: {value: _pass_rate(groups[tag][value]) for value in sorted(groups[tag], key=_natural)}
        for tag in names
    }


def _natural(value: str) -> tuple[int, float, str]:
    """Order numbers by their size, and words by their letters."""
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, _WORDS.get(value, 3), value)


_WORDS = {"easy": 0, "medium": 1, "hard": 2}


def _operations(attempts: Sequence[Attempt]) -> Operations:
    answered = [attempt.trace for attempt in attempts if attempt.trace.error is None]
    latencies = [trace.latency_s for trace in answered if trace.latency_s is not None]
    firsts = [trace.ttft_s for trace in answered if trace.ttft_s is not None]
    usages = [attempt.trace.usage for attempt in attempts if attempt.trace.usage is not None]
    costs = [usage.cost_usd for usage in usages if usage.cost_usd is not None]
    tokens = [usage.tokens for usage in usages if usage.tokens is not None]
    return Operations(
        latency_p50=quantile_estimate(latencies, 0.5),
        latency_p95=quantile_estimate(latencies, 0.95),
        ttft_p50=quantile_estimate(firsts, 0.5),
        cost_usd=math.fsum(costs) if costs else None,
        tokens=sum(tokens) if tokens else None,
        unpriced=sum(usage.cost_usd is None and usage.tokens is not None for usage in usages),
        priced_by=tuple(sorted({u.priced_by for u in usages if u.priced_by is not None})),
    )


def _severity(attempt: Attempt) -> tuple[bool, int, str, int]:
    """Critical cases first, then those that fail most graders."""
    failed = sum(grade.passed is False for grade in attempt.grades)
    return (not attempt.case.critical, -failed, attempt.case.id, attempt.trial)

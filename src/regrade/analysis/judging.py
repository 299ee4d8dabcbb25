"""What language models that judge did in a run: their scores by dimension, their votes, what they cost."""

from collections.abc import Sequence
from typing import Any

from regrade.domain import Attempt, Estimate, Grade, JudgeSummary

SURE = 0.01
"""How unlikely a preference for a place must be by chance to be told."""


def judge_summaries(attempts: Sequence[Attempt]) -> dict[str, JudgeSummary]:
    """Sum up every grader whose grades have the votes of judges."""
    found: dict[str, list[tuple[str, Grade]]] = {}
    for attempt in attempts:
        for grade in attempt.grades:
            if grade.details is not None and "votes" in grade.details and grade.spec is not None:
                found.setdefault(grade.spec.name, []).append((attempt.case.id, grade))
    return {name: _summary(some) for name, some in found.items()}


def _summary(some: Sequence[tuple[str, Grade]]) -> JudgeSummary:
    details: list[Any] = [grade.details for _, grade in some]
    spec = some[0][1].spec
    costs = [each.get("cost_usd") for each in details]
    names = dict.fromkeys(name for each in details for name in each.get("scores", {}))
    return JudgeSummary(
        criterion=None if spec is None else spec.criterion,
        grades=len(some),
        votes=sum(len(each["votes"]) for each in details),
        asked=tuple(sorted({model for each in details for model in each.get("asked", ())})),
        served=tuple(sorted({model for each in details for model in each.get("served", ())})),
        cost_usd=None if None in costs else sum(float(cost) for cost in costs),
        scores={name: _mean(name, some) for name in names},
        split=sum(len(set(each["votes"])) > 1 for each in details),
        addressed=sum(bool(each.get("addresses_judge")) for each in details),
        **_order(details),
    )


def _order(details: Sequence[Any]) -> dict[str, Any]:
    """Say what the order does to a judge of pairs."""
    pairs = [tuple(each["places"]) for each in details if "places" in each]
    if not pairs:
        return {}
    from regrade.stats.people.judges import position_bias  # noqa: PLC0415  numpy, where pairs are

    found = position_bias(pairs)
    share = Estimate(found.consistency, *found.interval, len(pairs), method="wilson")
    favours = "first" if found.first > found.second else "second"
    return {"consistency": share, "favours": favours if found.p < SURE else None}


def _mean(name: str, some: Sequence[tuple[str, Grade]]) -> Estimate:
    """Estimate the mean of one dimension, on its own scale."""
    from regrade.stats.clustered import bounded_mean_ci  # noqa: PLC0415  numpy, where judges are

    known: list[tuple[str, float, Any]] = [
        (case, float(grade.details["scores"][name]), grade.details.get("scales", {}).get(name))
        for case, grade in some
        if grade.details is not None and name in grade.details.get("scores", {})
    ]
    values = [value for _, value, _ in known]
    low, high = known[0][2] or (min(values), max(values))
    cases = [case for case, _, _ in known]
    clusters = cases if len({*cases}) < len(cases) else None
    if low == high:
        return Estimate(values[0], None, None, len(values), method="one value")
    ends = bounded_mean_ci(values, clusters, low=low, high=high)
    mean = sum(values) / len(values)
    return Estimate(mean, ends.low, ends.high, len(values), method="bounded_mean_ci")

"""The Comparison document: what changed, as JSON for other programs. Versioned; keys are only ever
added.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from regrade.domain import CaseChange, Comparison, ComponentChange, Delta, Judgement, Ratio, Ship
from regrade.report.document import EstimatePart, Part, estimate_part

SCHEMA: Literal["regrade/comparison/1"] = "regrade/comparison/1"


class DeltaPart(Part):
    """One rate in both runs, over the cases that both judged."""

    baseline: float | None
    """The baseline's rate."""
    candidate: float | None
    """The candidate's rate."""
    delta: float | None
    """Candidate minus baseline."""
    low: float | None
    """The lower end of its 95 % interval; null where only counts can be told."""
    high: float | None
    """The upper end."""
    p: float | None
    """Two-sided mid-p value."""
    adjusted_p: float | None
    """The same after all that was looked at with it."""
    verdict: Judgement
    """What it shows."""
    n: int
    """Cases."""
    wins: int
    """Cases that got better."""
    losses: int
    """Cases that got worse."""
    clusters: int | None
    """Independent groups of cases, where these are fewer."""
    margin: float | None
    """The drop that is tolerated."""
    worth_a_look: bool
    """Whether it stands out at a false discovery rate of 10 %."""
    more_cases: int | None
    """About how many cases more would tell."""
    method: str
    """The methods' names."""


class CasePart(Part):
    """A case whose outcome differs."""

    case: str
    """Its id in the candidate."""
    before: tuple[int, int]
    """Passes and judged trials of the baseline."""
    after: tuple[int, int]
    """Passes and judged trials of the candidate."""
    critical: bool
    """Whether its regression alone stops a release."""
    reasons: list[str]
    """Why it fails now."""


class RatioPart(Part):
    """Candidate divided by baseline, case by case."""

    value: float | None
    """The ratio."""
    low: float | None
    """The lower end of its 95 % interval."""
    high: float | None
    """The upper end."""
    n: int
    """Cases that say it of both runs."""
    baseline: float | None
    """The baseline's mean."""
    candidate: float | None
    """The candidate's mean."""


class OperationsPart(Part):
    """What it takes now, against what it took."""

    latency: RatioPart
    """Geometric mean of the cases' ratios."""
    latency_p95: RatioPart
    """Ratio of the 95th percentiles, from 200 cases on."""
    cost: RatioPart
    """Ratio of the means."""
    interleaved: bool
    """Whether the runs were made at the same time."""


class CategoryPart(Part):
    """A kind of failure in both runs."""

    before: int
    """Cases."""
    after: int
    """Cases."""
    adjusted_p: float
    """Two-sided, after all kinds."""
    increased: bool
    """Whether it surely became more."""


class ComponentChangePart(Part):
    """What a component has to do with the change."""

    first_before: int
    """Attempts of the baseline that failed first at it."""
    first_after: int
    """Attempts of the candidate that failed first at it."""
    first_delta: EstimatePart
    """Its part by first failures; the parts add up to the change."""
    own_delta: EstimatePart
    """Its part by its own failures where all before it passed; the parts add up too."""


class ConcentrationPart(Part):
    """A slice that holds more regressions than its size explains."""

    tag: str
    """The tag."""
    value: str
    """Its value."""
    regressed: int
    """Regressed cases in it."""
    of: int
    """Regressed cases in all."""
    adjusted_p: float
    """One-sided, after all slices."""


class SplitPart(Part):
    """The difference of the runs' own rates."""

    total: float
    """The sum of the parts."""
    matched: float
    """Of cases of both."""
    added: float
    """Of cases that only the candidate has."""
    removed: float
    """Of cases that only the baseline has."""
    n_matched: int
    """Cases of both."""


class ComparisonDocument(Part):
    """A comparison."""

    document: Literal["regrade/comparison/1"] = Field(alias="schema")
    """The name and version of this document."""
    baseline: str
    """The run that is compared with."""
    candidate: str
    """The run that is looked at."""
    verdict: Judgement
    """That of the pass rate, or not_comparable."""
    pass_rate: DeltaPart
    """Of all cases that both judged."""
    criteria: dict[str, DeltaPart]
    """By criterion."""
    slices: dict[str, dict[str, DeltaPart]]
    """Pass rate by tag and value."""
    cells: dict[str, dict[str, dict[str, DeltaPart]]]
    """By criterion, tag and value: where to look."""
    components: dict[str, DeltaPart]
    """By component."""
    dimensions: dict[str, DeltaPart]
    """By dimension; of what is unwanted, the share with it, where more is worse."""
    operations: OperationsPart
    """Latency and cost."""
    split: SplitPart | None
    """The runs' own rates, by matched, added and removed cases."""
    cases_regressed: list[CasePart]
    """Critical ones first."""
    cases_fixed: list[CasePart]
    """Cases that got better."""
    cases_changed: list[str]
    """Ids of cases whose content changed; not compared."""
    cases_added: list[str]
    """Ids of cases that only the candidate has."""
    cases_removed: list[str]
    """Ids of cases that only the baseline has."""
    cases_unjudged: int
    """Cases of both that not both of them judged: not run, or ungraded."""
    failure_categories: dict[str, CategoryPart]
    """By kind of failure."""
    attribution: dict[str, ComponentChangePart]
    """By component."""
    concentrations: list[ConcentrationPart]
    """Where regressions concentrate."""
    version_changes: list[str]
    """What differs between the versions."""
    obstacles: list[str]
    """Why something cannot be compared, and the way out."""
    minimum_detectable_drop: float | None
    """The smallest drop that so many cases show with a power of 80 %."""
    ship: Ship
    """Whether the change is worth shipping."""
    reasons: list[str]
    """Why."""
    notes: list[str]
    """What people would say of rates that judges gave."""


def comparison_document(found: Comparison) -> dict[str, Any]:
    """Give the document of a comparison."""
    document = ComparisonDocument(
        schema=SCHEMA,
        baseline=found.baseline.run_id,
        candidate=found.candidate.run_id,
        verdict=found.verdict,
        pass_rate=delta_part(found.pass_rate),
        criteria=_deltas(found.criteria),
        slices=_tagged(found.slices),
        cells={name: _tagged(each) for name, each in found.cells.items()},
        components=_deltas(found.components),
        dimensions=_deltas(found.dimensions),
        operations=OperationsPart(
            latency=_ratio(found.operations.latency),
            latency_p95=_ratio(found.operations.latency_p95),
            cost=_ratio(found.operations.cost),
            interleaved=found.operations.interleaved,
        ),
        split=None if found.split is None else SplitPart(**_fields(found.split, SplitPart)),
        cases_regressed=[_case(each) for each in found.regressed],
        cases_fixed=[_case(each) for each in found.fixed],
        cases_changed=list(found.changed),
        cases_added=list(found.added),
        cases_removed=list(found.removed),
        cases_unjudged=found.unjudged,
        failure_categories={
            name: CategoryPart(**_fields(each, CategoryPart))
            for name, each in found.failure_categories.items()
        },
        attribution={name: _component(each) for name, each in found.attribution.items()},
        concentrations=[
            ConcentrationPart(**_fields(each, ConcentrationPart)) for each in found.concentrations
        ],
        version_changes=list(found.version_changes),
        obstacles=list(found.obstacles),
        minimum_detectable_drop=found.minimum_detectable_drop,
        ship=found.ship,
        reasons=list(found.reasons),
        notes=list(found.notes),
    )
    return document.model_dump(by_alias=True, mode="json")


def comparison_schema() -> dict[str, Any]:
    """Give the JSON Schema of the document."""
    return ComparisonDocument.model_json_schema(by_alias=True)


def delta_part(delta: Delta) -> DeltaPart:
    """Give a difference."""
    names = [name for name in DeltaPart.model_fields if name != "more_cases"]
    return DeltaPart(**{name: getattr(delta, name) for name in names}, more_cases=delta.more)


def _tagged(found: Mapping[str, Mapping[str, Delta]]) -> dict[str, dict[str, DeltaPart]]:
    return {tag: _deltas(values) for tag, values in found.items()}


def _deltas(found: Mapping[str, Delta]) -> dict[str, DeltaPart]:
    return {name: delta_part(each) for name, each in found.items()}


def _ratio(ratio: Ratio) -> RatioPart:
    return RatioPart(**_fields(ratio, RatioPart))


def _case(found: CaseChange) -> CasePart:
    return CasePart(
        case=found.case,
        before=found.before,
        after=found.after,
        critical=found.critical,
        reasons=list(found.reasons),
    )


def _component(found: ComponentChange) -> ComponentChangePart:
    return ComponentChangePart(
        first_before=found.first_before,
        first_after=found.first_after,
        first_delta=estimate_part(found.first_delta),
        own_delta=estimate_part(found.own_delta),
    )


def _fields(noun: object, part: type[Part]) -> dict[str, Any]:
    return {name: getattr(noun, name) for name in part.model_fields}

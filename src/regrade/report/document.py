"""The Run document: what a run says, as JSON for other programs. Versioned; keys are only ever
added.
"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from regrade.domain import (
    Attempt,
    Confusion,
    Estimate,
    Grade,
    JudgeSummary,
    Rate,
    Run,
    trace_content,
)

SCHEMA: Literal["regrade/run/1"] = "regrade/run/1"


class Part(BaseModel):
    """A part of the document."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class EstimatePart(Part):
    """A value with its 95 % interval."""

    value: float | None
    """The estimate; null without data."""
    low: float | None
    """The lower end; null when the data give none."""
    high: float | None
    """The upper end; null when the data give none."""
    n: int
    """Observations that it rests on."""


class RatePart(EstimatePart):
    """A rate, and what could not be judged."""

    abstentions: int
    """Attempts on which its graders had nothing to judge by."""
    grader_failures: int
    """Attempts on which its graders broke."""


class SharePart(EstimatePart):
    """A share of the judged attempts."""

    count: int
    """How many there are."""
    cases: list[str]
    """The ids of their cases, the worst first."""


class ConfusionPart(Part):
    """Which label was answered where which was expected."""

    labels: list[str]
    """All labels that occur."""
    counts: list[list[int]]
    """Attempts: a row an expected label, a column an answered one."""


class OperationsPart(Part):
    """What the run took."""

    latency_p50: EstimatePart
    """Seconds."""
    latency_p95: EstimatePart
    """Seconds."""
    ttft_p50: EstimatePart
    """Seconds until the first token, of streamed answers."""
    cost_usd: float | None
    """US dollars in all; null when unknown."""
    tokens: int | None
    """Tokens in all; null when unknown."""
    unpriced: int
    """Attempts with tokens whose cost is unknown, and not in `cost_usd`."""
    priced_by: list[str]
    """Who says what it cost: reported, or a price table with its date."""


class ReasonPart(Part):
    """Why a grader failed an attempt."""

    grader: str
    """The grader's name."""
    criterion: str | None
    """The criterion that it speaks for."""
    component: str | None
    """The component that it judges."""
    required: bool
    """Whether it decides if the attempt passes."""
    reason: str
    """One sentence."""
    issues: list[str]
    """The single faults."""


class ComponentOperationsPart(Part):
    """What one component took, by its spans."""

    spans: int
    """Spans of it that were recorded."""
    latency_p50: EstimatePart
    """Seconds."""
    latency_p95: EstimatePart
    """Seconds."""
    error_rate: EstimatePart
    """Of its spans."""
    cost_usd: float | None
    """US dollars in all; null when unknown."""
    tokens: int | None
    """Tokens in all; null when unknown."""


class FailurePart(Part):
    """A failed attempt."""

    case: str
    """The case's id."""
    trial: int
    """Which trial, from 0."""
    error: str | None
    """Why there was no answer, if there was none."""
    reasons: list[ReasonPart]
    """What its graders say."""


class JudgePart(Part):
    """What a judge did."""

    criterion: str | None
    """The criterion that it speaks for."""
    grades: int
    """Answers that it judged."""
    votes: int
    """Verdicts that it took."""
    asked: list[str]
    """The models that were asked."""
    served: list[str]
    """The models that answered."""
    cost_usd: float | None
    """What it cost; null where somebody does not say."""
    scores: dict[str, EstimatePart]
    """The mean of each dimension, on its own scale."""
    split: int
    """Answers on which its votes differ."""
    addressed: int
    """Answers that speak to their judge."""
    consistency: EstimatePart | None
    """Of pairs, the share with the same winner in both orders."""
    favours: str | None
    """The place that flipped pairs favour."""


class RunDocument(Part):
    """A run."""

    document: Literal["regrade/run/1"] = Field(alias="schema")
    """The name and version of this document."""
    run_id: str
    """The run."""
    suite: str
    """The suite's name."""
    label: str | None
    """The user's name for the run."""
    status: str
    """running, finished or interrupted."""
    started_at: str
    """ISO 8601, UTC."""
    suite_version: str
    """Hash of the suite's outline and graders."""
    dataset_version: str
    """Hash of the cases' content."""
    target_version: str
    """What is known of the target's version."""
    cases: int
    """Cases tried at least once."""
    attempts: int
    """passed + failed + ungraded + not_run."""
    passed: int
    """Attempts that passed."""
    failed: int
    """Attempts that failed, errors included."""
    ungraded: int
    """Attempts that nobody could judge."""
    errors: int
    """Attempts without an answer; among the failed."""
    not_run: int
    """Attempts that were meant and not made."""
    abstentions: int
    """Grades that abstained."""
    grader_failures: int
    """Graders that broke."""
    valid: bool
    """Whether few enough attempts broke for the run to say something."""
    pass_rate: EstimatePart
    """Of judged attempts."""
    criteria: dict[str, RatePart]
    """By criterion."""
    slices: dict[str, dict[str, EstimatePart]]
    """Pass rate by tag and value."""
    dimensions: dict[str, RatePart]
    """What has a name of its own, such as `parse_success` or `disallowed_content:CATEGORY`."""
    confusion: dict[str, ConfusionPart]
    """By grader that compares labels."""
    components: dict[str, RatePart]
    """By component."""
    component_operations: dict[str, ComponentOperationsPart]
    """By component whose spans were recorded."""
    attribution: dict[str, SharePart]
    """Failed first at each component; `none` where no component's grader failed."""
    masked: dict[str, int]
    """By component: attempts that passed although one of its graders failed."""
    masked_cases: dict[str, list[str]]
    """By component: the ids of their cases."""
    failure_categories: dict[str, int]
    """Failed attempts by category, the commonest first; one may be in several."""
    operations: OperationsPart
    """What it took."""
    judges: dict[str, JudgePart]
    """By grader that asks a language model."""
    failures: list[FailurePart]
    """The failed attempts, worst first."""


def run_document(run: Run) -> dict[str, Any]:
    """Give the document of a run."""
    summary, header = run.summary, run.header
    document = RunDocument(
        schema=SCHEMA,
        run_id=header.run_id,
        suite=header.suite.name,
        label=header.label,
        status=header.status,
        started_at=header.started_at.isoformat(),
        suite_version=header.suite_version,
        dataset_version=header.dataset_version,
        target_version=header.target_version,
        **{name: getattr(summary, name) for name in _COUNTS},
        valid=summary.is_valid,
        pass_rate=estimate_part(summary.pass_rate),
        criteria={name: _rate(rate) for name, rate in summary.criteria.items()},
        slices={
            tag: {v: estimate_part(e) for v, e in values.items()}
            for tag, values in summary.slices.items()
        },
        dimensions={name: _rate(rate) for name, rate in summary.dimensions.items()},
        confusion={name: _confusion(each) for name, each in summary.confusion.items()},
        components={name: _rate(rate) for name, rate in summary.components.items()},
        component_operations={
            name: ComponentOperationsPart(
                spans=each.spans,
                latency_p50=estimate_part(each.latency_p50),
                latency_p95=estimate_part(each.latency_p95),
                error_rate=estimate_part(each.error_rate),
                cost_usd=each.cost_usd,
                tokens=each.tokens,
            )
            for name, each in summary.component_operations.items()
        },
        attribution={
            name: _share(share, summary.first_failed[name])
            for name, share in summary.attribution.items()
        },
        masked={name: len(ids) for name, ids in summary.masked.items()},
        masked_cases={name: list(ids) for name, ids in summary.masked.items()},
        failure_categories=dict(summary.failure_categories),
        judges={name: _judge(each) for name, each in summary.judges.items()},
        operations=OperationsPart(
            latency_p50=estimate_part(summary.operations.latency_p50),
            latency_p95=estimate_part(summary.operations.latency_p95),
            ttft_p50=estimate_part(summary.operations.ttft_p50),
            cost_usd=summary.operations.cost_usd,
            tokens=summary.operations.tokens,
            unpriced=summary.operations.unpriced,
            priced_by=list(summary.operations.priced_by),
        ),
        failures=[failure_part(attempt) for attempt in summary.failures],
    )
    return document.model_dump(by_alias=True)


def attempt_document(attempt: Attempt) -> dict[str, Any]:
    """Give one attempt with its trace, grades and broken graders."""
    return {
        "case": attempt.case.id,
        "trial": attempt.trial,
        "outcome": attempt.outcome,
        "trace": trace_content(attempt.trace),
        "grades": [_grade(grade) for grade in attempt.grades],
        "grader_failures": [
            {"grader": each.spec.name, "error_type": each.error_type, "message": each.message}
            for each in attempt.failures
        ],
    }


def _grade(grade: Grade) -> dict[str, Any]:
    spec = grade.spec
    return {
        "grader": spec.name if spec else None,
        "criterion": spec.criterion if spec else None,
        "passed": grade.passed,
        "score": grade.score,
        "label": grade.label,
        "expected": grade.expected,
        "reason": grade.reason,
        "issues": list(grade.issues),
    }


def _judge(found: JudgeSummary) -> JudgePart:
    plain = ("criterion", "grades", "votes", "cost_usd", "split", "addressed", "favours")
    return JudgePart(
        **{name: getattr(found, name) for name in plain},
        asked=list(found.asked),
        served=list(found.served),
        consistency=None if found.consistency is None else estimate_part(found.consistency),
        scores={name: estimate_part(each) for name, each in found.scores.items()},
    )


def run_schema() -> dict[str, Any]:
    """Give the JSON Schema of the document."""
    return RunDocument.model_json_schema(by_alias=True)


_COUNTS = (
    *(
        "cases",
        "attempts",
        "passed",
        "failed",
        "ungraded",
        "errors",
        "not_run",
        "abstentions",
        "grader_failures",
    ),
)


def estimate_part(estimate: Estimate) -> EstimatePart:
    """Give an estimate."""
    return EstimatePart(value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n)


def _rate(rate: Rate) -> RatePart:
    part = estimate_part(rate.estimate).model_dump()
    return RatePart(**part, abstentions=rate.abstentions, grader_failures=rate.grader_failures)


def _confusion(confusion: Confusion) -> ConfusionPart:
    labels = confusion.labels
    rows = [[confusion.counts.get((row, column), 0) for column in labels] for row in labels]
    return ConfusionPart(labels=list(labels), counts=rows)


def _share(share: Estimate, ids: Sequence[str]) -> SharePart:
    return SharePart(**estimate_part(share).model_dump(), count=len(ids), cases=list(ids))


def failure_part(attempt: Attempt) -> FailurePart:
    """Give a failed attempt with its reasons."""
    failed = [
        (grade, grade.spec)
        for grade in attempt.grades
        if grade.passed is False and grade.spec is not None
    ]
    return FailurePart(
        case=attempt.case.id,
        trial=attempt.trial,
        error=None
        if attempt.trace.error is None
        else f"{attempt.trace.error.kind}: {attempt.trace.error.message}",
        reasons=[
            ReasonPart(
                grader=spec.name,
                criterion=spec.criterion,
                component=spec.component,
                required=spec.required,
                reason=grade.reason,
                issues=list(grade.issues),
            )
            for grade, spec in failed
        ],
    )

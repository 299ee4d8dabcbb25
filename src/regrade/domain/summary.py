"""A summary: estimates over a run, each with its interval, never folded into one number.

No data is None, never zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .attempt import Attempt, RunHeader
from .case import Dataset


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval."""

    value: float | None
    """The estimate; None without data."""
    low: float | None
    """The lower end of the 95 % interval; None when it has none."""
    high: float | None
    """The upper end of the 95 % interval; None when it has none."""
    n: int
    """How many observations it rests on."""
    clusters: int | None = None
    """How many independent groups these fall into; None when each stands for itself."""
    method: str = ""
    """The method's name, as in docs/statistics.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something holds, and what could not be judged."""

    estimate: Estimate
    """The share that passed of what was judged."""
    abstentions: int = 0
    """Graders that had nothing to judge by."""
    grader_failures: int = 0
    """Graders that broke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What the run took."""

    latency_p50: Estimate
    """Median seconds of an attempt that got an answer."""
    latency_p95: Estimate
    """The 95th percentile of the same."""
    ttft_p50: Estimate
    """Median seconds until the first token, of streamed answers."""
    cost_usd: float | None
    """US dollars in all; None when no attempt says."""
    tokens: int | None
    """Tokens in all; None when no attempt says."""
    unpriced: int = 0
    """Attempts with tokens whose cost is unknown, and therefore not in `cost_usd`."""
    priced_by: tuple[str, ...] = ()
    """Who says what it cost: reported, or a price table with its date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentOperations:
    """What one component took, by its spans."""

    spans: int
    """How many spans of it were recorded."""
    latency_p50: Estimate
    """Median seconds of a span."""
    latency_p95: Estimate
    """The 95th percentile of the same."""
    error_rate: Estimate
    """The share of its spans that ended in an error."""
    cost_usd: float | None
    """US dollars in all; None when no span says."""
    tokens: int | None
    """Tokens in all; None when no span says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Which label was answered where which was expected."""

    labels: tuple[str, ...]
    """All labels that occur, in alphabetical order."""
    counts: Mapping[tuple[str, str], int]
    """Attempts by (expected, answered); pairs that did not occur are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSummary:
    """What a judge did in a run."""

    criterion: str | None
    """The criterion that it speaks for."""
    grades: int
    """Answers that it judged."""
    votes: int
    """Verdicts that it took: samples, members of a panel, both orders of a pair."""
    asked: tuple[str, ...]
    """The models that were asked."""
    served: tuple[str, ...]
    """The models that answered, as their providers say."""
    cost_usd: float | None
    """What it cost, without what came from the cache; None where somebody does not say."""
    scores: Mapping[str, Estimate]
    """The mean of each dimension, on its own scale; never folded together."""
    split: int
    """Answers on which its votes were not all the same."""
    addressed: int
    """Answers that speak to their judge."""
    consistency: Estimate | None = None
    """Of pairs, the share with the same winner in both orders; None for other judges."""
    favours: str | None = None
    """The place that flipped pairs favour, where that is no chance: `first` or `second`."""

    @property
    def substitutes(self) -> tuple[str, ...]:
        """Models that answered and whose names do not begin with that of one that was asked."""
        names = [each.partition(":")[2].rpartition("/")[2].lower() for each in self.asked]
        return tuple(
            model
            for model in self.served
            if names
            and not any(model.lower().rpartition("/")[2].startswith(name) for name in names)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run says."""

    header: RunHeader
    """The run."""
    cases: int
    """Cases that were tried at least once."""
    attempts: int
    """Attempts that were meant: passed, failed, ungraded and not run together."""
    passed: int
    """Attempts that passed."""
    failed: int
    """Attempts that failed, errors included."""
    ungraded: int
    """Attempts that nobody could judge."""
    errors: int
    """Attempts that got no answer; they are among the failed."""
    not_run: int
    """Attempts that the budget or an interruption left out."""
    abstentions: int
    """Grades that abstained."""
    grader_failures: int
    """Graders that broke."""
    pass_rate: Estimate
    """The share of judged attempts that passed."""
    worst_case: tuple[float, float] | None
    """The pass rate if all ungraded attempts failed, and if all passed; None when at most 2 % are
    ungraded."""
    criteria: Mapping[str, Rate]
    """By criterion."""
    slices: Mapping[str, Mapping[str, Estimate]]
    """Pass rate by tag and value."""
    components: Mapping[str, Rate]
    """By component, over the graders that judge it."""
    component_operations: Mapping[str, ComponentOperations]
    """By component whose spans were recorded."""
    attribution: Mapping[str, Estimate]
    """The share of attempts that failed first at each component; `none` where no component's grader
    failed."""
    dimensions: Mapping[str, Rate]
    """What has a name of its own whichever criterion it speaks for: parse success, refusal
    correctness, disallowed content (a share that should be 0, also by category), …"""
    confusion: Mapping[str, Confusion]
    """By grader that compares labels."""
    first_failed: Mapping[str, Sequence[str]]
    """By the same: the ids of the cases behind each share, the worst first; one for every attempt."""
    masked: Mapping[str, Sequence[str]]
    """By component: the ids of the cases that passed although one of its graders failed, one for every
    attempt."""
    failure_categories: Mapping[str, int]
    """Failed attempts by category, the commonest first; one may be in several."""
    error_kinds: Mapping[str, int]
    """Errors by kind."""
    operations: Operations
    """What it took."""
    judges: Mapping[str, JudgeSummary]
    """By grader that asks a language model."""
    failures: Sequence[Attempt]
    """The attempts that failed, worst first."""

    invalid_share: float
    """The share of attempts made that say nothing about quality: broken graders, transport
    errors."""
    cells: Mapping[str, Mapping[str, Mapping[str, Estimate]]] = field(default_factory=dict)
    """By criterion, tag and value: where a criterion fails."""

    @property
    def made(self) -> int:
        """Attempts that were made."""
        return self.passed + self.failed + self.ungraded

    @property
    def is_valid(self) -> bool:
        """Whether few enough attempts broke for the run to say something."""
        return self.invalid_share <= self.header.suite.invalid_above


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All attempts of one suite version on one target version, and what they say."""

    header: RunHeader
    """What is known about it."""
    dataset: Dataset
    """The cases."""
    attempts: Sequence[Attempt]
    """What was tried, in no particular order."""
    summary: Summary
    """What it says."""

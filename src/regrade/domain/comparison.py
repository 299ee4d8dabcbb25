"""A comparison: two runs over the same cases, with what changed and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .attempt import RunHeader
from .summary import Estimate

Judgement = Literal["better", "worse", "equivalent", "not_enough_evidence", "not_comparable"]
"""What a difference shows."""
SMALLEST_CHANGE = 0.02
"""The change that further cases are counted for, where no margin says which one matters."""
Ship = Literal["yes", "no", "undecided"]
"""Whether the change is worth shipping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One rate in both runs, over the cases that both judged."""

    baseline: float | None
    """The baseline's rate; None without a case."""
    candidate: float | None
    """The candidate's rate; None without a case."""
    delta: float | None
    """Candidate minus baseline; None without a case."""
    low: float | None
    """The lower end of the 95 % interval of the delta; None where only counts can be told."""
    high: float | None
    """The upper end."""
    p: float | None
    """Two-sided mid-p value; None without a case."""
    adjusted_p: float | None
    """The same after all that were looked at with it; what the verdict goes by."""
    verdict: Judgement
    """What it shows."""
    n: int
    """Cases that both runs judged."""
    wins: int = 0
    """Cases that got better."""
    losses: int = 0
    """Cases that got worse."""
    spread: float = 0.0
    """Mean square of the cases' differences: where each was tried once, the share that differs."""
    clusters: int | None = None
    """Independent groups of cases; None when each stands for itself."""
    margin: float | None = None
    """The drop that is tolerated, where one was given."""
    worth_a_look: bool = False
    """Whether it stands out among all that were looked at, at a false discovery rate of 10 %."""
    more: int | None = None
    """About how many cases more would tell, where there is not enough evidence."""
    method: str = ""
    """The methods' names, as in docs/statistics.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """A case whose outcome differs between the runs."""

    case: str
    """Its id in the candidate."""
    key: str
    """Its pairing key."""
    before: tuple[int, int]
    """Passes and judged trials of the baseline."""
    after: tuple[int, int]
    """Passes and judged trials of the candidate."""
    critical: bool
    """Whether its regression alone stops a release."""
    reasons: tuple[str, ...] = ()
    """Why it fails now, as its graders say."""
    criteria: tuple[str, ...] = ()
    """The criteria that fail now."""
    accepted: str | None = None
    """Why its regression is accepted, where it is."""
    input: str = ""
    """What was asked, as text."""
    outputs: tuple[str | None, str | None] = (None, None)
    """What the baseline and the candidate answered, in trials that show the difference; None where
    nobody kept it, as in a baseline file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Candidate divided by baseline, case by case."""

    value: float | None
    """The ratio; None without data."""
    low: float | None
    """The lower end of its 95 % interval."""
    high: float | None
    """The upper end."""
    n: int
    """Cases that say it of both runs."""
    baseline: float | None = None
    """The baseline's own value, in its unit."""
    candidate: float | None = None
    """The candidate's own value, in its unit."""
    method: str = ""
    """The method's name, as in docs/statistics.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsChange:
    """What it takes now, against what it took."""

    latency: Ratio
    """Geometric mean of the cases' latency ratios."""
    latency_p95: Ratio
    """Ratio of the 95th percentiles, from 200 pairs on."""
    cost: Ratio
    """Ratio of the mean costs."""
    interleaved: bool
    """Whether the runs were made at the same time: otherwise a difference of latency may be the
    provider's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentChange:
    """What one component has to do with a change of the pass rate."""

    first_before: int
    """Attempts of the baseline that failed first at it."""
    first_after: int
    """Attempts of the candidate that failed first at it."""
    first_delta: Estimate
    """Its part of the change, by where failures first appear; these parts add up to the change.
    Repairing a component lets failures appear at later ones, which `own_delta` takes into account."""
    own_delta: Estimate
    """Its part of the change, by how often it fails where everything before it passed: whether it
    got better or worse by itself. These parts add up to the change too. The interval is None where
    fewer than five failures are there to draw from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChange:
    """A kind of failure in both runs."""

    before: int
    """Cases of the baseline that failed so."""
    after: int
    """Cases of the candidate that failed so."""
    adjusted_p: float
    """Two-sided, after all kinds that were looked at."""

    @property
    def increased(self) -> bool:
        """Whether it surely became more."""
        return self.after > self.before and self.adjusted_p <= 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """A slice that holds more of the regressions than its size explains."""

    tag: str
    """The tag."""
    value: str
    """Its value."""
    regressed: int
    """Regressed cases in it."""
    of: int
    """Regressed cases in all."""
    adjusted_p: float
    """One-sided, after all slices that were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The difference of the two runs' own pass rates, split exactly."""

    total: float
    """The candidate's pass rate minus the baseline's."""
    matched: float
    """The part of the cases of both."""
    added: float
    """The part of cases that only the candidate has."""
    removed: float
    """The part of cases that only the baseline has."""
    n_matched: int
    """Cases of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReport:
    """The simple form: rates by one tag, and which moved by more than a threshold."""

    overall_delta: float | None
    """Of the pass rate; None without a case."""
    topic_deltas: Mapping[str, float | None]
    """By topic; None for one that the baseline does not have."""
    regressions: tuple[str, ...]
    """Topics that fell by the threshold at least."""
    improvements: tuple[str, ...]
    """Topics that rose by the threshold at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs over the same cases."""

    baseline: RunHeader
    """The run that is compared with."""
    candidate: RunHeader
    """The run that is looked at."""
    pass_rate: Delta
    """Of all cases that both judged."""
    criteria: Mapping[str, Delta]
    """By criterion."""
    slices: Mapping[str, Mapping[str, Delta]]
    """Pass rate by tag and value."""
    cells: Mapping[str, Mapping[str, Mapping[str, Delta]]]
    """By criterion, tag and value: where to look, judged together; without criteria that decide the
    pass rate alone."""
    components: Mapping[str, Delta]
    """By component."""
    dimensions: Mapping[str, Delta]
    """By dimension; of what is unwanted, the share of attempts with it, where more is worse."""
    operations: OperationsChange
    """Latency and cost."""
    split: Split | None
    """The difference of the runs' own pass rates, by matched, added and removed cases; None where a
    run judged nothing."""
    regressed: tuple[CaseChange, ...]
    """Cases that got worse, critical ones first."""
    fixed: tuple[CaseChange, ...]
    """Cases that got better."""
    changed: tuple[str, ...]
    """Ids of cases whose content changed: they are removed and added, never compared."""
    added: tuple[str, ...]
    """Ids of cases that only the candidate has."""
    removed: tuple[str, ...]
    """Ids of cases that only the baseline has."""
    unjudged: int
    """Cases of both that not both of them judged: not run, or ungraded."""
    failure_categories: Mapping[str, CategoryChange]
    """By kind of failure, those that moved most first."""
    attribution: Mapping[str, ComponentChange]
    """By component, over the matched attempts."""
    concentrations: tuple[Concentration, ...]
    """Where regressions concentrate."""
    version_changes: tuple[str, ...]
    """What differs between the two versions, in sentences."""
    obstacles: tuple[str, ...] = ()
    """Why something cannot be compared, and the way out."""
    minimum_detectable_drop: float | None = None
    """The smallest drop of the pass rate that so many cases show with a power of 80 %; None where no
    drop could."""
    ship: Ship = "undecided"
    """Whether the change is worth shipping."""
    reasons: tuple[str, ...] = ()
    """Why."""
    notes: tuple[str, ...] = ()
    """What people would say of rates that judges gave."""
    topics: Mapping[str, Mapping[str, Mapping[str, tuple[float | None, float | None]]]] = field(
        default_factory=dict, repr=False
    )
    """Mean of each aspect by tag and value in both runs, over all their cases; for `topic_report`."""

    @property
    def verdict(self) -> Judgement:
        """What the pass rate shows, or `not_comparable`."""
        return self.pass_rate.verdict

    def topic_report(
        self, by: str = "topic", threshold: float = 0.5, dimension: str | None = None
    ) -> TopicReport:
        """Give the rates of one tag's values in the simple form: no interval, no correction.

        `dimension` is a criterion, a dimension or a component; left out, the pass rate. Topics that
        the baseline does not have are None; those that only it has are left out.
        Raises: KeyError for a tag or dimension that the runs do not have.
        """
        aspect = self.topics["pass_rate" if dimension is None else dimension]
        deltas: dict[str, float | None] = {}
        for value, (before, after) in aspect[by].items():
            if after is not None:
                deltas[value] = None if before is None else after - before
        known = {value: delta for value, delta in deltas.items() if delta is not None}
        return TopicReport(
            overall_delta=self.pass_rate.delta,
            topic_deltas=deltas,
            regressions=tuple(value for value, delta in known.items() if delta <= -threshold),
            improvements=tuple(value for value, delta in known.items() if delta >= threshold),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRun:
    """One of several runs, by its pass rate on the cases of all."""

    header: RunHeader
    """The run."""
    pass_rate: Estimate
    """On the cases that all of them judged."""
    tied_with_best: bool
    """Whether it cannot be told apart from the best one."""


GateOutcome = Literal["pass", "fail", "undecided"]
"""What a gate, or one of its rules, says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule of a gate says."""

    rule: str
    """The rule, as in the suite file, such as `pass_rate.min` or `no_regression topic:billing`."""
    outcome: GateOutcome
    """Failed and passed are shown; undecided is neither."""
    words: str
    """Why, in one sentence."""
    value: float | None = None
    """What was found, in the rule's own unit."""
    bound: float | None = None
    """What it is compared with."""
    low: float | None = None
    """The one-sided lower bound of what was found, at the rule's level."""
    high: float | None = None
    """The one-sided upper bound."""
    p: float | None = None
    """One-sided exact p-value of a drop, after all that is looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look of a gate that buys further trials of all cases."""

    trials: int
    """Trials of every case of the candidate so far."""
    alpha: float
    """The one-sided error of each rule at this look."""
    outcome: GateOutcome
    """What the gate said then."""
    candidate: str
    """The candidate's run that came with it."""
    baseline: str
    """The baseline's run that came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate says of a run."""

    outcome: GateOutcome
    """Fail when any rule fails, pass when all pass."""
    alpha: float
    """The one-sided error of each rule."""
    rules: tuple[RuleResult, ...]
    """Each rule."""
    minimum_detectable_drop: float | None
    """The smallest drop of the pass rate that the gate shows with a power of 80 %; None where no drop
    could be, or there is no baseline."""
    promise: str
    """The false-alarm promise, in the user's words."""
    warnings: tuple[str, ...] = ()
    """What this gate can never decide, with so many cases."""
    blocks: bool = False
    """Whether an undecided gate stops the change."""
    candidate: str = ""
    """The run that was looked at."""
    baseline: str | None = None
    """The run or file that it was compared with."""
    expired: tuple[str, ...] = ()
    """Accepted regressions whose day has passed."""
    looks: tuple[Look, ...] = ()
    """The looks at growing data, where further trials could be bought; the last one decided."""
    notes: tuple[str, ...] = ()
    """Why no further trials were bought, where they were asked for."""


EarlyOutcome = Literal["worse", "not_inferior"]
"""What can be shown early: a lower pass rate, or none that is lower by more than the margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyVerdict:
    """What was shown before all cases were run."""

    outcome: EarlyOutcome
    """What it is."""
    cases: int
    """Cases that were needed."""
    total: int
    """Cases of both versions."""
    baseline: str
    """The run that was compared with."""
    margin: float
    """The drop that is tolerated."""
    alpha: float
    """The error of it, however often was looked."""


Margins = Mapping[str, float]
"""The drops that are tolerated: `` for the pass rate, `criterion:id`, `tag:value`."""
Runs = Sequence[RankedRun]
"""Ranked runs, the best first."""

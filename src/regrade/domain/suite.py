"""A suite: an objective, success criteria, cases, the system under test, and the graders that speak
for the criteria.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from .case import Dataset
from .roles import Grader, Target
from .trace import Span, TargetFailure, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A named stage of the pipeline, recognised by its spans."""

    name: str
    """Unique in its suite."""
    span: str | None = None
    """The name of its spans."""
    kind: str | None = None
    """The kind of its spans."""
    attribute: Mapping[str, str] = field(default_factory=dict)
    """Attributes of its spans."""

    @property
    def names_spans(self) -> bool:
        """Whether it says how its spans are recognised."""
        return bool(self.span or self.kind or self.attribute)

    def spans_in(self, trace: Trace) -> tuple[Span, ...]:
        """Give its spans in a trace, in the order in which they began."""
        return tuple(span for span in trace.spans if self.names_spans and self._recognises(span))

    def recognises(self, span: str, kind: str) -> bool:
        """Whether spans of a name and a kind are its own, without regard to other attributes."""
        return (
            self.names_spans
            and not self.attribute
            and self.span in (None, span)
            and self.kind in (None, kind)
        )

    def _recognises(self, span: Span) -> bool:
        return (
            (self.span is None or span.name == self.span)
            and (self.kind is None or span.kind == self.kind)
            and all(str(span.attributes.get(k)) == v for k, v in self.attribute.items())
        )

    def view(self, trace: Trace) -> Trace | None:
        """Give a trace as it is of this component alone; None when it left no span in it.

        The output is that of its last span, or not captured; documents, tool calls, usage, time and
        error are those of its spans. Where no span was recorded, or the component does not say how
        its spans are recognised, it is the whole trace.
        """
        if not self.names_spans or not trace.spans:
            return trace
        own = self.spans_in(trace)
        if not own:
            return None
        found = [span.retrieved for span in own if span.retrieved is not None]
        calls = tuple(span.tool_call for span in own if span.tool_call is not None)
        broken = next((span for span in own if span.error is not None), None)
        times = [span.duration_s for span in own if span.duration_s is not None]
        return Trace(
            output=own[-1].output,
            retrieved=tuple(d for each in found for d in each) if found else trace.retrieved,
            tool_calls=calls or trace.tool_calls,
            usage=own[-1].usage,
            started_at=trace.started_at,
            latency_s=sum(times) if times else None,
            error=None if broken is None else _failure(self.name, broken),
            metadata=trace.metadata,
            spans=own,
        )


def _failure(name: str, span: Span) -> TargetFailure:
    return TargetFailure(kind="component", message=f"{name} failed: {span.error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteOutline:
    """What a report needs to know of a suite: all of it but the cases, the target and the
    graders.
    """

    name: str
    """A slug."""
    objective: str
    """What the system is for."""
    criteria: Mapping[str, str]
    """Success criteria: id to what good means."""
    components: tuple[Component, ...] = ()
    """In pipeline order."""
    slices: tuple[str, ...] | None = None
    """Tags to break results down by; None for every tag with at most 20 values."""
    invalid_above: float = 0.05
    """The share of grader failures or transport errors above which a run says nothing."""
    only: str | None = None
    """The component that is judged alone; None for the whole pipeline."""
    with_gold: str | None = None
    """The component that gives its known-good output; None where each does its own work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """What a run and its comparison must show to be shipped; None and nothing where no rule is."""

    pass_rate_min: float | None = None
    """The least pass rate."""
    criteria_min: Mapping[str, float] = field(default_factory=dict)
    """The least rate by criterion."""
    margin: float | None = None
    """The drop of the pass rate that is tolerated; None where no regression is looked for."""
    by: tuple[str, ...] = ()
    """Tags whose values must each hold."""
    margins: Mapping[str, float] = field(default_factory=dict)
    """Drops that are tolerated, by `criterion:id` or `tag:value`."""
    min_drop: float = 0.0
    """Drops below this are never a regression."""
    no_critical_regression: bool = False
    """Whether no critical case may go from pass to fail."""
    latency_p95_max_s: float | None = None
    """The longest 95th percentile of the latency, in seconds."""
    cost_max_usd: float | None = None
    """The most that an attempt may cost on average, in US dollars."""
    disallowed_max: float | None = None
    """The largest share of attempts with disallowed content."""
    ungraded_max: float | None = None
    """The largest share of attempts that could not be graded."""
    judge_level: str | None = None
    """What its judges must have shown (L0 to L3); None where nothing is asked."""
    judge_max_age_s: float | None = None
    """Seconds that their newest label may be old."""
    false_blocks_per_month: float | None = None
    """How often noise may block a change in a month."""
    commits_per_month: float | None = None
    """How often the gate is asked in a month."""
    undecided: Literal["warn", "block", "escalate"] = "warn"
    """What happens without enough evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A regression that is known and accepted, until a day."""

    case: str
    """The case's id."""
    criterion: str
    """The criterion that fails."""
    reason: str
    """Why that is right."""
    until: date | None = None
    """The last day on which it is accepted; None for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a suite is run."""

    trials: int = 1
    """How often each case is tried."""
    concurrency: int = 16
    """How many attempts are in flight at once, at most."""
    timeout_s: float = 60.0
    """Seconds that one attempt may take, further tries included."""
    budget_s: float | None = None
    """Seconds that the whole run may take."""
    max_cost_usd: float | None = None
    """US dollars after which no further attempt starts."""
    retries: int = 2
    """How often an attempt is tried again after a transient error."""
    requests_per_minute: float | None = None
    """Calls of the target that may start per minute."""
    tokens_per_minute: float | None = None
    """Tokens that may be used per minute, as the target reports them."""
    seed: int = 0
    """Decides the order of the cases."""
    cache_answers: bool = False
    """Whether answers of the same target version to the same input are taken from the cache."""
    cache_grades: bool = True
    """Whether grades of costly graders are taken from the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Everything that one evaluation needs."""

    outline: SuiteOutline
    """Its name, objective, criteria, components and slices."""
    dataset: Dataset
    """The cases."""
    target: Target
    """The system under test."""
    graders: tuple[Grader, ...]
    """The judges."""
    settings: RunSettings = RunSettings()
    """How it is run."""
    gate: GateRules | None = None
    """What must be shown to ship; None where the suite says nothing of it."""
    accepted: tuple[Accepted, ...] = ()
    """Regressions that are known and accepted."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Kind of change to the hash of its files."""
    plan: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of change to what is run after it; the defaults where the suite says nothing of it."""
    alone: tuple[str, ...] = ()
    """The components that can be run alone, by a target of their own."""
    setup: str | None = None
    """The command that prepares a checked-out version."""
    notes: tuple[str, ...] = ()
    """What the builder has to say: expectations without a grader, keys that have no effect yet."""

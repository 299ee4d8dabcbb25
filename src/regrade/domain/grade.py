"""A grade is a grader's judgement of one trace; a grader failure says that there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from .documents import Json, content_hash

Outcome = Literal["passed", "failed", "ungraded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraderIdentity:
    """What makes two graders the same judge: equal identities give equal grades to equal traces."""

    type: str
    """The name of the grader's type."""
    version: str
    """The version of its type."""
    options: Json = None
    """The options that bear on the judgement."""
    code: str = ""
    """A hash of the code that judges, where the user wrote it."""

    @property
    def key(self) -> str:
        """The hash of it all, stored with every grade."""
        return content_hash([self.type, self.version, self.options, self.code])


@dataclass(frozen=True, slots=True, kw_only=True)
class GraderSpec:
    """What a grader says about itself: its name, what it speaks for, and its identity."""

    name: str
    """Unique in its suite."""
    criterion: str | None
    """The success criterion that it speaks for; None when only for the attempt."""
    component: str | None
    """The component that it judges; None for the whole pipeline."""
    required: bool
    """Whether its grade decides if an attempt passes."""
    identity: GraderIdentity
    """What makes it the judge that it is."""
    identity_key: str
    """`identity.key`, worked out once."""
    costly: bool = False
    """Whether judging again costs more than looking the grade up."""
    reads_errors: bool = False
    """Whether it judges attempts that got no answer."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A grader's judgement of one trace."""

    passed: bool | None
    """True or False; None when the grader abstained."""
    reason: str = ""
    """Why, in one sentence that a product manager understands."""
    score: float | None = None
    """A number, where the grader has one; never averaged with other graders' numbers."""
    label: str | None = None
    """A word, where the grader has one."""
    issues: tuple[str, ...] = ()
    """The single faults found."""
    spec: GraderSpec | None = field(default=None, compare=False)
    """The grader that gave it; set by the runner."""
    expected: str | None = None
    """The label that would have been right, where the grader knows one."""
    details: Mapping[str, Json] | None = None
    """What else a judge says: the score of each dimension, who answered, what it cost, its votes."""

    def by(self, spec: GraderSpec) -> "Grade":
        """Give the same judgement with the grader that gave it.

        A judgement that nobody has signed yet is signed in place: millions are made, and copying
        each would cost more than many graders do.
        """
        if self.spec is None:
            object.__setattr__(self, "spec", spec)
            return self
        if self.spec is spec:
            return self
        return replace(self, spec=spec)

    @classmethod
    def abstained(cls, reason: str) -> "Grade":
        """Make the grade of a grader that has nothing to judge by."""
        return cls(None, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraderFailure:
    """A grader could not judge, by its own error: never a fail and never a zero."""

    spec: GraderSpec
    """The grader that failed."""
    error_type: str
    """The class of the error."""
    message: str
    """What it said."""
    traceback: str = ""
    """Where it happened."""


LabelVerdict = Literal["pass", "fail", "unsure"]
"""What a person says of one criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person said of an answer: kept for ever, never changed; a later one of the same person
    counts instead.
    """

    suite: str
    """The suite."""
    criterion: str
    """The criterion."""
    case: str
    """The case's id."""
    pairing_key: str
    """What was asked and expected."""
    answer: str
    """The hash of what was answered, so that the label holds for the same answer of any run."""
    verdict: LabelVerdict
    """Pass, fail, or unsure."""
    note: str = ""
    """Why, where the person said so."""
    who: str
    """The person."""
    labelled_at: datetime
    """In UTC."""
    run_id: str | None = None
    """The run that it was read in."""
    probability: float | None = None
    """How likely it was that this answer was chosen to be labelled, among those with the judge's
    verdict; None where it was not drawn."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Scores by dimension, on the scales of the judge's rubric; empty where the person gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudgement:
    """What a judge said when it judged a stored answer again: kept for ever, never changed."""

    suite: str
    """The suite."""
    criterion: str
    """The criterion that the judge speaks for."""
    judge: str
    """The key of its identity: another rubric or model is another judge."""
    pairing_key: str
    """What was asked and expected."""
    answer: str
    """The hash of what was answered."""
    passed: bool | None
    """Its verdict; None where it gave none."""
    served: str | None
    """The model that answered, as the provider says."""
    judged_at: datetime
    """When the answers were judged again, in UTC: one time for all that were judged together."""

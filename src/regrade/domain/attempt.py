"""An attempt is one case, once; a header is what is known of a run besides its attempts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from .case import Case
from .grade import Grade, GraderFailure, Outcome
from .suite import SuiteOutline
from .trace import Trace

RunStatus = Literal["running", "finished", "interrupted"]
StoppedBy = Literal["budget", "max_cost", "verdict"]
"""What ended a run before all of it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One case, once: what happened and how it was judged."""

    case: Case
    """The case that was asked."""
    trial: int = 0
    """Which of the case's trials it is, from 0."""
    trace: Trace
    """What happened."""
    grades: tuple[Grade, ...] = ()
    """What the graders say."""
    failures: tuple[GraderFailure, ...] = ()
    """Graders that could not judge."""

    outcome: Outcome = field(init=False)
    """Passed, failed or ungraded.

    It fails when the target failed or a required grade fails; it passes when at least one required
    grade passes, none fails and no required grader broke; otherwise nobody could say.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcome", self._outcome())

    def _outcome(self) -> Outcome:
        required = [
            grade.passed for grade in self.grades if grade.spec is None or grade.spec.required
        ]
        if self.trace.error is not None or False in required:
            return "failed"
        if True in required and not any(failure.spec.required for failure in self.failures):
            return "passed"
        return "ungraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The commit that a run was made at, where git knows one."""

    commit: str
    """Its hash."""
    subject: str
    """The first line of its message."""
    is_dirty: bool = False
    """Whether there were changes that were not committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What is known about a run besides its attempts."""

    run_id: str
    """Unique, and sorts by time."""
    suite: SuiteOutline
    """The suite as it was."""
    suite_version: str
    """The hash of the suite: its outline and its graders."""
    suite_path: str | None = None
    """The suite's file, when it has one."""
    dataset_version: str
    """The content hash of the dataset."""
    target_version: str
    """What is known of the version of the system under test."""
    trials: int
    """How often each case is tried."""
    planned: int
    """How many attempts were meant: cases times trials."""
    started_at: datetime
    """In UTC."""
    finished_at: datetime | None = None
    """In UTC; None while it runs."""
    status: RunStatus = "running"
    """running, finished (also when the budget ended it), or interrupted."""
    label: str | None = None
    """The user's name for it."""
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    """Kind of change (prompt, model, retrieval, tools, code) to the hash of its files."""
    revision: Revision | None = None
    """The commit that it was made at, where git knows one."""
    stopped_by: StoppedBy | None = None
    """What ended it before all of it was done; None where nothing did."""
    regraded_from: str | None = None
    """The run whose stored traces were judged again; None for a run that asked the target."""

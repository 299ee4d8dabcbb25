"""One case: what came of it in a run, trial by trial, and over the runs of its suite."""

from collections.abc import Sequence
from dataclasses import dataclass

from regrade.api.stored import load_attempts
from regrade.domain import Attempt, Case, RunHeader
from regrade.store import CaseInRun, Store

HISTORY = 60
"""Runs over which a case is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNow:
    """A case in a run."""

    header: RunHeader
    """The run."""
    case: Case
    """The case."""
    attempts: Sequence[Attempt]
    """Its trials."""
    history: Sequence[CaseInRun]
    """How it came out in the newest runs, the oldest first."""


def case_now(store: Store, header: RunHeader, case_id: str) -> CaseNow:
    """Give a case of a run.

    Raises: UnknownRunError where the run has no attempt at such a case.
    """
    attempts = load_attempts(header.run_id, case_id, store=store)
    case = attempts[0].case
    history = store.outcomes.of_case(header.suite.name, case_id, case.pairing_key, HISTORY)
    return CaseNow(header=header, case=case, attempts=attempts, history=history[::-1])

"""Whether a judge could do the work that it judges: its own answers beside those of the system."""

from dataclasses import dataclass

from regrade.domain import Attempt, Run
from regrade.stats.exact import signflip_exact

from .items import JUDGES

SURE = 0.05
"""The one-sided p-value below which the judge does the work better."""


NOT_OF_ANSWERS = JUDGES | {"latency", "cost", "tokens"}
"""Graders that do not prove an answer right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """A judge's own answers beside the system's."""

    run_id: str
    """The run in which the judge's model answered."""
    cases: int
    """Cases that both answered and that graders without a language model decided."""
    own: float
    """The share that the judge's model got right."""
    system: float
    """The share that the system got right."""
    p: float
    """One-sided: how likely so large a lead is where the two are equally good (exact sign-flip)."""

    @property
    def is_stronger(self) -> bool:
        """Whether the judge surely does the work better."""
        return self.p <= SURE


def solved(run: Run, own: Run) -> Solver:
    """Compare a judge's own answers with a system's, on the cases that graders without a language
    model decide in both runs; the first trial of each counts.
    """
    system, judge = _verdicts(run), _verdicts(own)
    pairs = []
    for key in system.keys() & judge.keys():
        shared = system[key].keys() & judge[key].keys()
        if shared:
            pairs.append(tuple(all(each[key][name] for name in shared) for each in (system, judge)))
    gains = [int(theirs) - int(mine) for theirs, mine in pairs]
    return Solver(
        run_id=own.header.run_id,
        cases=len(pairs),
        own=sum(mine for _, mine in pairs) / max(1, len(pairs)),
        system=sum(theirs for theirs, _ in pairs) / max(1, len(pairs)),
        p=signflip_exact(gains).p_less if any(gains) else 1.0,
    )


def _verdicts(run: Run) -> dict[str, dict[str, bool]]:
    """Give what each required grader says of the answer to each case, by what was asked."""
    found: dict[str, dict[str, bool]] = {}
    for attempt in sorted(run.attempts, key=lambda each: each.trial):
        found.setdefault(attempt.case.pairing_key, _said(attempt))
    return found


def _said(attempt: Attempt) -> dict[str, bool]:
    return {
        grade.spec.name: grade.passed
        for grade in attempt.grades
        if grade.spec is not None
        and grade.passed is not None
        and grade.spec.required
        and grade.spec.component is None
        and grade.spec.identity.type not in NOT_OF_ANSWERS
    }

"""Several looks at growing data: further trials of all cases, under one error that was fixed before."""

from collections.abc import Sequence
from dataclasses import replace

from regrade.analysis.summary import summarize
from regrade.domain import GateRules, Run
from regrade.stats.gates import group_sequential

from .error import alpha_of

LOOKS = 3
"""How often a gate that buys further trials looks at most."""


def levels_of(rules: GateRules, looks: int = LOOKS) -> tuple[float, ...]:
    """Give the one-sided error of each rule at each look, so that all looks together make no more
    errors than one look would.

    Source: Lan and DeMets 1983, with O'Brien and Fleming's spending, at equal shares of the trials.
    """
    return group_sequential([(at + 1) / looks for at in range(looks)], alpha_of(rules)).alpha


def pooled(runs: Sequence[Run]) -> Run:
    """Give several runs of one version as one: each further run is further trials of the same cases.

    Raises: ValueError without a run.
    """
    if not runs:
        raise ValueError("there is no run to pool")
    if len(runs) == 1:
        return runs[0]
    first, attempts, before = runs[0], [], 0
    for run in runs:
        attempts += [replace(each, trial=before + each.trial) for each in run.attempts]
        before += run.header.trials
    planned = sum(run.header.planned for run in runs)
    header = replace(
        first.header, trials=before, planned=planned, finished_at=runs[-1].header.finished_at
    )
    return Run(
        header=header,
        dataset=first.dataset,
        attempts=tuple(attempts),
        summary=summarize(header, attempts),
    )

"""Gate against a version that runs beside the candidate: once, or with further trials of all cases in
both versions, under one error that was fixed before.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from regrade import api
from regrade.api import Gated
from regrade.domain import Look, Run, Suite
from regrade.store import Store

from .beside import Beside, OtherVersion
from .running import run_watched

CRITICAL = "no_critical_regression"
"""The rule that further trials do not decide: a critical case that fails now and then stays one."""


@dataclass(slots=True)
class Looking:
    """The runs of both versions that a gate has looked at."""

    suite: Suite
    """The candidate's suite."""
    path: Path
    """Its file."""
    other: OtherVersion
    """The baseline's version."""
    store: Store
    """Where runs are kept."""
    label: str | None
    """The user's name for the candidate."""
    candidates: list[Run] = field(default_factory=list)
    """The candidate's runs."""
    baselines: list[Run] = field(default_factory=list)
    """The baseline's runs."""
    looks: list[Look] = field(default_factory=list)
    """What was said so far."""
    began_at: float = field(default_factory=time.monotonic)
    """When the first run began, on the monotonic clock."""

    def once(self) -> Gated:
        """Run both versions once, and judge."""
        self._run(self.suite, ())
        return api.gate_run(self.suite, self.candidates[0], self.baselines[0], store=self.store)

    def again_and_again(self) -> Gated:
        """Run both versions, and further trials of all cases while the gate is undecided."""
        levels = api.gate_levels(self.suite)
        notes: tuple[str, ...] = ()
        gated = None
        for number, level in enumerate(levels, start=1):
            if number > 1:
                if said := self.not_affordable():
                    notes = (said,)
                    break
                self._further(number)
            else:
                self._run(self.suite, ())
            gated = self._look(level)
            if gated.result.outcome != "undecided" or not _may_still_decide(gated):
                break
        assert gated is not None, "there is one look at least"
        return replace(gated, result=replace(gated.result, looks=tuple(self.looks), notes=notes))

    def _look(self, level: float) -> Gated:
        candidate, baseline = (api.pool_runs(runs) for runs in (self.candidates, self.baselines))
        gated = api.gate_run(self.suite, candidate, baseline, level=level, store=self.store)
        self.looks.append(
            Look(
                trials=candidate.header.trials,
                alpha=level,
                outcome=gated.result.outcome,
                candidate=self.candidates[-1].header.run_id,
                baseline=self.baselines[-1].header.run_id,
            )
        )
        return gated

    def _further(self, number: int) -> None:
        """Make further trials, with what is left of time and money; no answer comes from a cache,
        since an answer that is given twice is one trial.
        """
        settings, more = self.suite.settings, ["--set", "cache.answers=false"]
        changes: dict[str, float | bool] = {"cache_answers": False}
        if settings.budget_s is not None:
            changes["budget_s"] = settings.budget_s - self._spent_s()
            more += ["--budget", f"{changes['budget_s']:.3f}s"]
        if settings.max_cost_usd is not None:
            changes["max_cost_usd"] = settings.max_cost_usd - _cost(self.candidates)
            more += ["--max-cost", f"{settings.max_cost_usd - _cost(self.baselines):.6f}"]
        limited = replace(settings, **changes)  # type: ignore[arg-type]  # each field's own type
        self._run(replace(self.suite, settings=limited), more, f" look {number}")

    def _run(self, suite: Suite, more: Sequence[str], look: str = "") -> None:
        label = f"{self.label or 'candidate'}{look}" if look else self.label
        beside: AbstractContextManager[Beside] = self.other.running(
            self.store, more=more, label=look
        )
        with beside as started:
            run = run_watched(suite, self.store, self.path, label=label, resume=None).run
            before = self._judged_alike(started.run_id(), run)
        self.candidates.append(run)
        self.baselines.append(before)

    def _judged_alike(self, run_id: str, candidate: Run) -> Run:
        """Give the baseline's run, judged again where other graders judged it."""
        before = api.load_run(run_id, store=self.store)
        if before.header.suite_version == candidate.header.suite_version:
            return before
        label = f"{before.header.label} by today's graders"
        return api.blocking(
            lambda: api.regrade_stored(run_id, self.suite, store=self.store, label=label)
        ).run

    def _spent_s(self) -> float:
        return time.monotonic() - self.began_at

    def not_affordable(self) -> str | None:
        """Say why no further look fits; each look is expected to take as long and to cost as much as
        those before it did.
        """
        settings, looks = self.suite.settings, len(self.looks)
        spent_s = self._spent_s()
        if settings.budget_s is not None and spent_s * (looks + 1) / looks > settings.budget_s:
            return (
                f"no further trials: {spent_s:.0f} s of the budget of {settings.budget_s:.0f} s are used, and "
                "the next look does not fit"
            )
        for runs in (self.candidates, self.baselines):
            spent = _cost(runs)
            most = settings.max_cost_usd
            if most is not None and spent * (looks + 1) / looks > most:
                return (
                    f"no further trials: ${spent:.2f} of the limit of ${most:.2f} a version are used, "
                    "and the next look does not fit"
                )
        return None


def _cost(runs: Sequence[Run]) -> float:
    usages = (attempt.trace.usage for run in runs for attempt in run.attempts)
    return sum(usage.cost_usd or 0.0 for usage in usages if usage is not None)


def _may_still_decide(gated: Gated) -> bool:
    """Whether further trials of the same cases can tell anything."""
    comparison = gated.comparison
    if comparison is None or comparison.verdict == "not_comparable":
        return False
    return any(
        rule.outcome == "undecided" and rule.value is not None and rule.rule != CRITICAL
        for rule in gated.result.rules
    )


def cannot_look_again(before: Run | None) -> str:
    """Say why no further trials can be bought of a baseline that is only known by what it did."""
    again = "give --baseline-rev REV or --baseline-target SPEC, and both versions are run"
    if before is None:
        return f"no further trials: there is no baseline; {again}"
    commit = before.header.revision
    of = f" (made at {commit.commit[:12]})" if commit and not commit.is_dirty else ""
    name = before.header.label or before.header.run_id
    return f"no further trials: the baseline {name}{of} is stored and cannot be run again; {again}"

"""The gate: ship, do not ship, or not enough evidence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regrade.domain import (
    Accepted,
    CaseChange,
    Comparison,
    GateResult,
    GateRules,
    Margins,
    Run,
    RunHeader,
    Suite,
)
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.store import Store
from regrade.store.baseline import baseline_text
from regrade.suites.versions import merge_base

if TYPE_CHECKING:
    from regrade.analysis.calibration import Calibration
    from regrade.analysis.gate import Standing
    from regrade.stats.people.judges import Corrected

from .comparing import compare_runs
from .people.calibrating import measure_judges
from .stored import find_run, load_run

MAIN = "main"
"""The label of the run that is the baseline where no file is."""


@dataclass(frozen=True, slots=True)
class Gated:
    """A run, and what the gate says of it."""

    run: Run
    """The candidate."""
    result: GateResult
    """What the gate says."""
    comparison: Comparison | None
    """The comparison with the baseline; None where there is none."""

    def _repr_html_(self) -> str:
        """Give what the gate says as HTML: for notebooks."""
        from regrade.report.html import gate_fragment  # noqa: PLC0415  in notebooks alone

        return gate_fragment(self.result, self.run.header, self.comparison)


def gate_run(
    suite: Suite,
    candidate: Run,
    baseline: Run | None,
    *,
    today: date | None = None,
    level: float | None = None,
    store: Store | None = None,
) -> Gated:
    """Judge a run by the gate of its suite, against a baseline where there is one.

    `level` is the one-sided error of each rule at one of several looks, as `gate_levels` gives them;
    `store` holds the labels by which judges are measured where the gate asks what they have shown.
    Raises: UsageError when the suite has no gate, or the run is another suite's.
    """
    from regrade.analysis.gate import judge_gate  # noqa: PLC0415  numpy and scipy

    rules = gate_of(suite)
    _check_suite(candidate, suite)
    if baseline is not None and baseline.header.run_id == candidate.header.run_id:
        raise UsageError(f"the run {candidate.header.run_id} is its own baseline; name another one")
    day = today or datetime.now(UTC).date()
    comparison = None
    if baseline is not None:
        margins = margins_of(rules)
        comparison = compare_runs(baseline, candidate, margins=margins, store=store)
        comparison = replace(
            comparison, regressed=tuple(_accepted(comparison.regressed, suite.accepted, day))
        )
    judges = _standings(suite, candidate, store) if candidate.summary.judges else None
    result = judge_gate(rules, candidate, baseline, comparison, level=level, judges=judges)
    expired = tuple(
        f"{each.case}: {each.criterion} was accepted until {each.until}"
        for each in suite.accepted
        if each.until is not None and each.until < day
    )
    return Gated(candidate, replace(result, expired=expired), comparison)


def _standings(suite: Suite, run: Run, store: Store | None) -> "dict[str, Standing]":
    """Say what the judges of a run have shown: nothing where there are no labels to be had."""
    from regrade.analysis.gate import Standing  # noqa: PLC0415  numpy and scipy

    if store is None:
        of = {each.criterion for each in run.summary.judges.values() if each.criterion}
        return {
            name: Standing(level="uncalibrated", age_s=None, labels=0, needed=0)
            for name in sorted(of)
        }
    from regrade.analysis.calibration import own_family_fault  # noqa: PLC0415  numpy and scipy

    return {
        each.calibration.criterion: Standing(
            level=each.calibration.level,
            age_s=each.newest_age_s,
            labels=each.calibration.labelled,
            needed=each.calibration.needed,
            corrected_at=_trusted(each.calibration),
            fault=own_family_fault(each.calibration),
        )
        for each in measure_judges(run, store=store, suite=suite)
    }


def _trusted(found: "Calibration") -> "Callable[[float], Corrected] | None":
    """Give how a judge's rate is corrected, where it is at all better than always saying the same."""
    return None if found.level == "uncalibrated" else found.corrected_at


def gate_levels(suite: Suite) -> tuple[float, ...]:
    """Give the one-sided error of each rule at each look of a gate that buys further trials.

    Raises: UsageError when the suite has no gate.
    """
    from regrade.analysis.gate import levels_of  # noqa: PLC0415  numpy and scipy

    return levels_of(gate_of(suite))


def pool_runs(runs: Sequence[Run]) -> Run:
    """Give runs of one version as one: each further run is further trials of the same cases."""
    from regrade.analysis.gate import pooled  # noqa: PLC0415  numpy and scipy

    return pooled(runs)


def _check_suite(run: Run, suite: Suite) -> None:
    if run.header.suite.name != suite.outline.name:
        raise UsageError(
            f"the run {run.header.run_id} is one of the suite {run.header.suite.name}, "
            f"not {suite.outline.name}"
        )


def gate_of(suite: Suite) -> GateRules:
    """Give the gate of a suite.

    Raises: UsageError when it has none.
    """
    if suite.gate is None:
        raise UsageError(
            f"the suite {suite.outline.name} has no gate; add one, such as "
            "gate: {no_regression: {margin: 0.02}, no_critical_regression: true}"
        )
    return suite.gate


def margins_of(rules: GateRules) -> Margins:
    """Give the drops that a gate tolerates."""
    return ({} if rules.margin is None else {"": rules.margin}) | dict(rules.margins)


def _accepted(
    changes: Sequence[CaseChange], accepted: Sequence[Accepted], day: date
) -> Iterator[CaseChange]:
    """Mark regressions all of whose failing criteria are accepted."""
    for change in changes:
        valid = {
            each.criterion: each.reason
            for each in accepted
            if each.case == change.case and (each.until is None or each.until >= day)
        }
        covered = bool(valid) and bool(change.criteria) and {*change.criteria} <= {*valid}
        yield replace(change, accepted="; ".join(valid.values())) if covered else change


async def comment_on_review(suite: str, text: str, environment: Mapping[str, str]) -> str:
    """Write the comment of a suite on the pull or merge request that the job belongs to, by its
    environment variables, or change the one that is there; gives what was done.

    Raises: UsageError.
    """
    from regrade.forges import comment, review_of  # noqa: PLC0415  in CI alone

    review = review_of(environment)
    is_new = await comment(review, suite, text)
    return f"{'made' if is_new else 'changed'} the comment of {suite} on {review.forge}"


def baseline_path(suite: Path) -> Path:
    """Give the place of a suite's committed baseline."""
    return suite.with_suffix(".baseline.json")


def find_baseline(
    reference: str | None, suite_path: Path, suite: Suite, *, store: Store
) -> Run | None:
    """Find the run to compare with: a file, or a stored run. `main` is the newest whole run at the
    commit where the branch left the main one, else as if left out: the committed file beside the
    suite, else the newest whole run with the label `main`, else none.

    Raises: UnknownRunError, UsageError when the file is no sound baseline.
    """
    if reference is not None and reference != MAIN:
        return find_run(reference, store=store)
    headers = [h for h in store.headers(suite=suite.outline.name) if is_whole(h)]
    if reference == MAIN:
        base = merge_base(suite_path.resolve().parent)
        found = next((h for h in headers if base is not None and _is_at(h, base)), None)
        if found is not None:
            return load_run(found.run_id, store=store)
    if (path := baseline_path(suite_path)).is_file():
        return find_run(str(path), store=store)
    labelled = next((h for h in headers if h.label == MAIN), None)
    return None if labelled is None else load_run(labelled.run_id, store=store)


def _is_at(header: RunHeader, commit: str) -> bool:
    """Whether a run was made at a commit as it is, asking the target itself."""
    revision = header.revision
    is_clean = revision is not None and not revision.is_dirty and revision.commit == commit
    return is_clean and header.regraded_from is None and header.suite.with_gold is None


def is_whole(header: RunHeader) -> bool:
    """Whether a run was ended by nothing that it found."""
    return header.status == "finished" and header.stopped_by != "verdict"


def write_baseline(
    reference: str, suite_path: Path, suite: Suite, *, store: Store
) -> tuple[Path, Run]:
    """Write a stored run as the committed baseline beside its suite.

    Raises: UnknownRunError, UsageError when the run is another suite's, not finished, or not valid.
    """
    run = load_run(reference, store=store)
    _check_suite(run, suite)
    if run.header.status != "finished":
        raise UsageError(
            f"the run {run.header.run_id} is {run.header.status}; a baseline is a finished run"
        )
    if not is_whole(run.header):
        raise UsageError(
            f"the run {run.header.run_id} ended at an early verdict; a baseline is a whole run"
        )
    if not run.summary.is_valid:
        raise UsageError(
            f"the run {run.header.run_id} is not valid: {run.summary.invalid_share:.1%} of its attempts broke"
        )
    if not run.attempts:
        raise UnknownRunError(f"the run {run.header.run_id} has no attempt")
    path = baseline_path(suite_path)
    path.write_text(baseline_text(run), encoding="utf-8")
    return path, run

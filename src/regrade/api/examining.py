"""What is known of a suite: before it is run, by its noise, and what its cases can therefore show."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from regrade.analysis import RunOutcomes, examine_items
from regrade.analysis.plan import PIPELINE, Plan, plan_of
from regrade.domain import Attempt, Dataset, Run, RunHeader, Suite, Summary
from regrade.domain.errors import TargetSetupError, UsageError
from regrade.runner import regrading
from regrade.store import Store
from regrade.suites import Finding, by_experience, examine

from .gating import find_baseline, is_whole, margins_of
from .keeping import Watch
from .regrading import regrade_stored
from .running import run_suite
from .stored import load_run

if TYPE_CHECKING:
    from regrade.analysis.mutation import Mutation
    from regrade.analysis.noise import Noise, Power

MOST_RUNS = 30
"""Earlier runs that are looked at."""


async def check_suite(suite: Suite, store: Store | None = None) -> list[Finding]:
    """Say what can be said of a suite without asking its target for answers; with a store also what
    earlier runs say of its cases.
    """
    findings = await examine(suite)
    if store is not None:
        findings += _experience(suite, store)
    try:
        await suite.target.reach()
    except TargetSetupError as error:
        findings.append(Finding("error", f"the target cannot be reached: {error}"))
    return findings


def _experience(suite: Suite, store: Store) -> Iterator[Finding]:
    headers = [
        header
        for header in store.headers(limit=MOST_RUNS, suite=suite.outline.name)
        if header.status == "finished" and header.regraded_from is None
    ]
    runs = [RunOutcomes(h.target_version, store.outcomes.of_run(h.run_id)) for h in headers]
    names = {case.pairing_key: case.id for case in suite.dataset.cases}
    return by_experience(examine_items([*names], runs), names)


EARLIER_RUNS = 12
"""Earlier runs among which two of one version are looked for."""
MARGIN = 0.02
"""The change that cases are counted for, where the gate has no margin."""


async def measure_noise(
    suite: Suite, *, store: Store, suite_path: Path, times: int, watch: Watch | None = None
) -> "Noise":
    """Run a suite several times in one version, judge the first run again, and say what differs.

    Raises: as `run_suite`.
    """
    from regrade.analysis.noise import noise_of  # noqa: PLC0415  numpy and scipy

    runs: list[Run] = []
    for number in range(1, times + 1):
        label = f"aa {number} of {times}"
        done = await run_suite(suite, store=store, suite_path=suite_path, label=label, watch=watch)
        runs.append(done.run)
    again = await regrade_stored(
        runs[0].header.run_id, suite, store=store, label="aa judged again", use_cache=False
    )
    return noise_of(runs, suite.gate, again=again.run)


def measure_power(suite: Suite, *, store: Store) -> "tuple[list[Power], float, str, float]":
    """Say what a suite's cases can show, by the noise of earlier runs: the rows, the share of cases
    that differ between runs of one version, where that is known from, and the change that cases are
    counted for.
    """
    from regrade.analysis.gate import alpha_of  # noqa: PLC0415  numpy and scipy
    from regrade.analysis.noise import discordance_of, power_of  # noqa: PLC0415  the same

    headers = store.headers(EARLIER_RUNS, suite.outline.name)
    runs = [
        load_run(h.run_id, store=store)
        for h in headers
        if h.status == "finished" and not h.regraded_from
    ]
    discordance, source = discordance_of(runs)
    margin = (margins_of(suite.gate).get("") if suite.gate else None) or MARGIN
    rows = power_of(
        suite.dataset.cases,
        suite.outline.slices,
        discordance=discordance,
        margin=margin,
        level=alpha_of(suite.gate) if suite.gate else None,
    )
    return rows, discordance, source, margin


async def mutate_run(
    reference: str, suite: Suite, *, store: Store, seed: int = 0, judges: bool = False
) -> "Mutation":
    """Break the good traces of a stored run on purpose, and say which graders notice.

    Nothing is asked of the target, and nothing is kept; graders that ask language models take part
    only with `judges`.
    Raises: UsageError when no stored trace passes by the suite's graders.
    """
    from regrade.analysis.mutation import broken_traces, mutation_of, sampled  # noqa: PLC0415  here alone

    if not judges:
        own = tuple(each for each in suite.graders if not getattr(each, "asks", ()))
        suite = replace(suite, graders=own)
    header = store.find(reference)
    stored = store.attempts(header.run_id, store.dataset(header.dataset_version))
    judged = await _judged([a for a in stored if a.trace.error is None], suite)
    good = sampled([each for each in judged if each.outcome == "passed"], seed)
    if not good:
        raise UsageError(
            f"no stored trace of the run {header.run_id} passes by the graders of {suite.outline.name}; "
            "only good traces can be broken"
        )
    broken = [*broken_traces(good, seed)]
    return mutation_of(broken, await _judged([each.attempt for each in broken], suite), len(good))


async def _judged(attempts: Sequence[Attempt], suite: Suite) -> list[Attempt]:
    """Judge attempts by a suite's graders, in their order."""
    found: dict[int, Attempt] = {}
    numbered = [replace(attempt, trial=at) for at, attempt in enumerate(attempts)]
    async with regrading(
        numbered,
        suite.graders,
        concurrency=suite.settings.concurrency,
        cache=None,
        components=suite.outline.components,
    ) as judging:
        async for batch in judging.batches:
            found |= {attempt.trial: attempt for attempt in batch}
    return [replace(found[at], trial=attempt.trial) for at, attempt in enumerate(attempts)]


def plan_suite(suite: Suite, *, store: Store) -> Plan:
    """Say what to run after what changed since the newest finished run of the pipeline."""
    name = suite.outline.name
    before = next((h for h in store.headers(suite=name) if _is_whole(h)), None)
    known = {} if before is None else store.outcomes.of_run(before.run_id)
    same = before is not None and before.target_version == suite.target.version
    keys = (case.pairing_key for case in suite.dataset.cases)
    ungraded = sum(not same or key not in known for key in keys)
    times: dict[str, Summary] = {}
    for what, suite_name in (
        (PIPELINE, name),
        *((component, f"{name}.{component}") for component in suite.alone),
    ):
        headers = (h for h in store.headers(suite=suite_name) if h.status == "finished")
        newest = next((h for h in headers if not h.regraded_from), None)
        if newest is not None:
            times[what] = load_run(newest.run_id, store=store).summary
    return plan_of(suite, suite.alone, before, ungraded, times)


def early_baseline(suite: Suite, suite_path: Path, *, store: Store) -> Run | None:
    """Find what a run is compared with while it is made, so that a verdict may come early: the
    baseline, else the newest whole run. None without one, or without a time budget.

    Raises: UsageError when the committed file is no sound baseline.
    """
    if suite.settings.budget_s is None:
        return None
    if (found := find_baseline(None, suite_path, suite, store=store)) is not None:
        return found
    headers = store.headers(EARLIER_RUNS, suite.outline.name)
    newest = next((h for h in headers if _is_whole(h) and is_whole(h)), None)
    return None if newest is None else load_run(newest.run_id, store=store)


def never_graded(suite: Suite, *, store: Store) -> Suite:
    """Give the suite with the cases alone that no run of its target's version has judged."""
    known: set[str] = set()
    for header in store.headers(EARLIER_RUNS, suite.outline.name):
        if header.target_version == suite.target.version:
            known |= {*store.outcomes.of_run(header.run_id)}
    cases = tuple(case for case in suite.dataset.cases if case.pairing_key not in known)
    return replace(suite, dataset=Dataset.of(cases))


def _is_whole(header: RunHeader) -> bool:
    """Whether a run is a finished one of the whole pipeline as it is."""
    return (
        header.status == "finished"
        and header.regraded_from is None
        and header.suite.with_gold is None
    )

"""Run a suite, or go on with a run that was interrupted."""

import dataclasses
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regrade.callables import abandoned_threads
from regrade.domain import (
    Attempt,
    EarlyVerdict,
    Grader,
    Recorder,
    Run,
    RunHeader,
    Suite,
    SuiteOutline,
    content_hash,
)
from regrade.domain.errors import UsageError
from regrade.runner import CacheUse, Engine, Work, random_order, stratified_order
from regrade.store import Store
from regrade.suites.versions import revision

from .keeping import Keeper, Watch, ending

if TYPE_CHECKING:
    from regrade.analysis.gate.early import EarlyLook


COST_LIMIT = "the cost limit ended the run; what did not fit is counted as not run"
"""What is told where a run ended because of what it cost."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is worth saying of how a run went, besides what it found."""

    notes: tuple[str, ...] = ()
    """In sentences."""
    answers: CacheUse | None = None
    """How the cache of answers was used; None when it was off."""
    grades: CacheUse | None = None
    """How the cache of grades was used; None when it was off."""


@dataclass(frozen=True, slots=True)
class Done:
    """A run, and how it went."""

    run: Run
    """The run."""
    aftermath: Aftermath
    """How it went."""


def new_header(
    suite: Suite, *, suite_path: Path | None = None, label: str | None = None
) -> RunHeader:
    """Make the header of a run that begins now."""
    now = datetime.now(UTC)
    return RunHeader(
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite=suite.outline,
        suite_version=suite_version(suite.outline, suite.graders),
        suite_path=None if suite_path is None else str(suite_path.resolve()),
        dataset_version=suite.dataset.version,
        target_version=suite.target.version,
        trials=suite.settings.trials,
        planned=len(suite.dataset.cases) * suite.settings.trials,
        started_at=now,
        label=label,
        fingerprint=suite.fingerprint,
        revision=revision(Path.cwd() if suite_path is None else suite_path.resolve().parent),
    )


def suite_version(outline: SuiteOutline, graders: Sequence[Grader]) -> str:
    """Hash what judges: the outline, and each grader with its place."""
    specs = [
        (g.spec.name, g.spec.criterion, g.spec.component, g.spec.required, g.spec.identity_key)
        for g in graders
    ]
    return content_hash([dataclasses.asdict(outline), [list(spec) for spec in specs]])


async def run_suite(
    suite: Suite,
    *,
    store: Store | None,
    suite_path: Path | None = None,
    label: str | None = None,
    resume: str | None = None,
    watch: Watch | None = None,
    against: Run | None = None,
) -> Done:
    """Run a suite, or go on with a run that was interrupted.

    `against` is a baseline to compare with while it runs: the run ends as soon as it is shown to be
    worse, or not worse by more than the gate's margin.
    Raises: TargetSetupError, StoreError, UsageError when the run to go on with was another suite's.
    """
    early = None if against is None or resume is not None else _early_look(suite, against)
    work = _order(suite, early)
    earlier: list[Attempt] = []
    if resume is None:
        header = new_header(suite, suite_path=suite_path, label=label)
        if store:
            store.begin(header, suite.dataset)
    else:
        if store is None:
            raise UsageError("a run can only be gone on with where runs are kept")
        header, earlier = _earlier_part(suite, store, resume)
        done = {(attempt.case.id, attempt.trial) for attempt in earlier}
        work = [piece for piece in work if (piece.case.id, piece.trial) not in done]
    cache = store.cache if store else None
    with _recording_of(suite) as recorder:
        engine = Engine(
            target=suite.target,
            graders=suite.graders,
            settings=suite.settings,
            cache=cache,
            recorder=recorder,
            components=suite.outline.components,
        )
        keeper = Keeper(header, store, watch, engine, earlier)
        async with ending(keeper), engine.running(work) as batches:
            verdict = await keeper.keep_all(batches, early.see if early else None)
            if verdict is not None:
                engine.stop()
    run = keeper.run(suite.dataset)
    return Done(run, _aftermath(suite, engine, run, verdict))


def _early_look(suite: Suite, against: Run) -> "EarlyLook | None":
    """Compare with a baseline while the suite runs; None where no case is one of both."""
    from regrade.analysis.gate import alpha_of  # noqa: PLC0415  the same
    from regrade.analysis.gate.early import ALPHA, EarlyLook  # noqa: PLC0415  numpy and scipy

    look = EarlyLook(
        against,
        suite.dataset,
        suite.settings.trials,
        margin=(suite.gate.margin if suite.gate else None) or 0.0,
        alpha=alpha_of(suite.gate) if suite.gate else ALPHA,
    )
    return look if look.total else None


def _order(suite: Suite, early: "EarlyLook | None") -> list[Work]:
    """Order the work; where a verdict may come early, anew for every version and quite at random."""
    cases, settings = suite.dataset.cases, suite.settings
    if early is None:
        return stratified_order(cases, settings.trials, settings.seed, suite.outline.slices)
    seed = int(content_hash([settings.seed, suite.target.version, suite.fingerprint]), 16)
    work = random_order(cases, settings.trials, seed)
    early.begin([piece.case for piece in work])
    return work


def _early_words(verdict: EarlyVerdict) -> str:
    worse = verdict.outcome == "worse"
    by = f" by more than {verdict.margin * 100:g} points" if verdict.margin and not worse else ""
    found = "worse than" if worse else f"not worse{by} than" if verdict.margin else "better than"
    return (
        f"a verdict ended the run after {verdict.cases:,} of {verdict.total:,} cases: it is {found} "
        f"{verdict.baseline} (error at most {verdict.alpha:g}, however often was looked); the rest is counted as "
        "not run"
    )


@contextmanager
def _recording_of(suite: Suite) -> Iterator[Recorder | None]:
    """Give who records the steps of the suite's target, for the time of a run.

    Nobody does where the application has not imported OpenTelemetry when the run begins and the
    suite names no spans, and none come from elsewhere: then a run loads nothing of it and pays nothing for it.
    """
    names_spans = any(each.names_spans for each in suite.outline.components)
    names_spans = names_spans or getattr(suite.target, "joins_spans", False)
    if not names_spans and "opentelemetry.trace" not in sys.modules:
        yield None
        return
    from regrade.ingest.capture import SpanRecorder  # noqa: PLC0415  a fifth of a second, where it is wanted

    with SpanRecorder().opened() as recorder:
        yield recorder


def _earlier_part(suite: Suite, store: Store, reference: str) -> tuple[RunHeader, list[Attempt]]:
    header = store.find(reference)
    now = new_header(suite)
    for what, before, after in (
        ("dataset", header.dataset_version, now.dataset_version),
        ("suite", header.suite_version, now.suite_version),
        ("target", header.target_version, now.target_version),
        ("number of trials", header.trials, now.trials),
    ):
        if before != after:
            raise UsageError(
                f"the run {header.run_id} cannot be gone on with: the {what} has changed since ({before} then, {after} "
                "now); start a new run"
            )
    return header, store.attempts(header.run_id, suite.dataset)


def _aftermath(
    suite: Suite, engine: Engine, run: Run, verdict: EarlyVerdict | None = None
) -> Aftermath:
    notes = [*suite.notes, *_without_gold(run)]
    if verdict is not None:
        notes.insert(0, _early_words(verdict))
    if engine.stopped_by == "budget":
        notes.append("the time budget ended the run; what did not fit is counted as not run")
    if engine.stopped_by == "max_cost":
        notes.append(COST_LIMIT)
    if engine.refusals:
        notes.append(
            f"the target said {engine.refusals} times that it was asked too often, and was asked more slowly"
        )
    if abandoned := abandoned_threads():
        threads = "1 thread" if abandoned == 1 else f"{abandoned} threads"
        notes.append(
            f"{threads} of the target did not come back; `isolation: process` would end them"
        )
    return Aftermath(tuple(notes), engine.answers, engine.grades)


def _without_gold(run: Run) -> Iterator[str]:
    """Say where the known-good output of a component could change nothing."""
    name = run.header.suite.with_gold
    component = next((each for each in run.header.suite.components if each.name == name), None)
    if component is None or not run.attempts:
        return
    uncalled = sum(not component.spans_in(attempt.trace) for attempt in run.attempts)
    if uncalled:
        where = (
            "any attempt"
            if uncalled == len(run.attempts)
            else f"{uncalled} of {len(run.attempts)} attempts"
        )
        yield (
            f"{name} was not called in {where}, so that its known-good output changed nothing there"
        )

"""The verbs. Each goes down through the floors once and comes up once; the command line and users
call the same ones.
"""

import dataclasses
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio

from .analysis import summarize
from .callables import abandoned_threads
from .domain import (
    Attempt,
    Case,
    Dataset,
    Grader,
    Run,
    RunHeader,
    RunStatus,
    Suite,
    SuiteOutline,
    Target,
    content_hash,
)
from .domain.errors import TargetSetupError, UsageError
from .runner import Batches, CacheUse, Engine, Progress, Tally, regrading, stratified_order
from .store import Store
from .suites import (
    Finding,
    database_path,
    examine,
    load_judges,
    load_suite,
    make_suite,
    stuck_after_s,
)

T = TypeVar("T")
Watch = Callable[[Progress], None]
"""Is told how far a run is, a few times a second."""


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


def evaluate(
    target: Target | Callable[..., Any] | str | Mapping[str, Any],
    dataset: Sequence[Case | Mapping[str, Any]] | Dataset | str | Path,
    *,
    objective: str,
    criteria: Mapping[str, str] | Sequence[str],
    graders: Sequence[Any] | None = None,
    name: str = "evaluation",
    store: str | Path | None = "",
    label: str | None = None,
    **settings: Any,
) -> Run:
    """Ask the target every case, judge the answers, keep the run, and give it with its summary.

    `graders` are those of `regrade.graders`, functions of case and trace, or objects as in a suite
    file; left out, the cases' expectations imply them. `settings` are the other keys of a suite
    file. `store` is the path of a database; None keeps nothing, and left out it is the one that
    `REGRADE_DB` names.
    Raises: SuiteError, TargetSetupError, StoreError.
    """
    return blocking(
        lambda: evaluate_async(
            *(target, dataset),
            objective=objective,
            criteria=criteria,
            graders=graders,
            name=name,
            store=store,
            label=label,
            **settings,
        )
    )


def blocking(work: Callable[[], Awaitable[T]]) -> T:
    """Do async work from code that is not."""
    results: list[T] = []

    async def do() -> None:  # returns nothing: asyncio spells out what its main task returns
        results.append(await work())

    anyio.run(do)
    return results[0]


async def evaluate_async(
    target: Target | Callable[..., Any] | str | Mapping[str, Any],
    dataset: Sequence[Case | Mapping[str, Any]] | Dataset | str | Path,
    *,
    objective: str,
    criteria: Mapping[str, str] | Sequence[str],
    graders: Sequence[Any] | None = None,
    name: str = "evaluation",
    store: str | Path | None = "",
    label: str | None = None,
    **settings: Any,
) -> Run:
    """Do what `evaluate` does, from async code."""
    content = {
        "name": name,
        "objective": objective,
        "criteria": criteria,
        "dataset": dataset,
        "target": target,
        **({} if graders is None else {"graders": graders}),
        **settings,
    }
    suite = make_suite(content, folder=Path.cwd())
    with nullcontext() if store is None else open_store(store) as opened:
        done = await run_suite(suite, store=opened, label=label)
        return done.run


def open_store(path: str | Path = "") -> Store:
    """Open the database of runs: at `path`, or where `REGRADE_DB` says.

    Raises: StoreError.
    """
    return Store(Path(path) if path else database_path())


def new_header(
    suite: Suite, *, suite_path: Path | None = None, label: str | None = None
) -> RunHeader:
    """Make the header of a run that begins now."""
    now = datetime.now(UTC)
    return RunHeader(
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite=suite.outline,
        suite_version=_suite_version(suite.outline, suite.graders),
        suite_path=None if suite_path is None else str(suite_path.resolve()),
        dataset_version=suite.dataset.version,
        target_version=suite.target.version,
        trials=suite.settings.trials,
        planned=len(suite.dataset.cases) * suite.settings.trials,
        started_at=now,
        label=label,
    )


def _suite_version(outline: SuiteOutline, graders: Sequence[Grader]) -> str:
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
) -> Done:
    """Run a suite, or go on with a run that was interrupted.

    Raises: TargetSetupError, StoreError, UsageError when the run to go on with was another suite's.
    """
    work = stratified_order(
        suite.dataset.cases, suite.settings.trials, suite.settings.seed, suite.outline.slices
    )
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
    engine = Engine(
        target=suite.target, graders=suite.graders, settings=suite.settings, cache=cache
    )
    keeper = _Keeper(header, store, watch, engine, earlier)
    async with _ending(keeper), engine.running(work) as batches:
        await keeper.keep_all(batches)
    return Done(keeper.run(suite.dataset), _aftermath(suite, engine))


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


class _Keeper:
    """Keeps what comes out of the engine: in memory, in the store, and on the watcher's screen."""

    def __init__(
        self,
        header: RunHeader,
        store: Store | None,
        watch: Watch | None,
        engine: Engine | None,
        earlier: list[Attempt],
    ) -> None:
        self.header = header
        self._store, self._watch, self._engine = store, watch, engine
        self._attempts = earlier
        self._tally = Tally(header.planned, len(earlier))
        self._stuck_after_s = stuck_after_s()
        self._batches: Batches[Attempt] | None = None

    async def keep_all(self, batches: Batches[Attempt]) -> None:
        self._batches = batches
        async for batch in batches:
            await self.keep(batch)

    async def keep(self, batch: Sequence[Attempt]) -> None:
        if batch:
            self._attempts.extend(batch)
            if self._store:
                save = partial(
                    self._store.save, self.header.run_id, batch, source=self.header.regraded_from
                )
                await anyio.to_thread.run_sync(save)
        self._tally.add(batch)
        if self._watch:
            stuck = self._engine.stuck(self._stuck_after_s) if self._engine else []
            self._watch(self._tally.progress(stuck))

    async def end(self, status: RunStatus) -> None:
        """Keep what is left, and note how the run ended."""
        if self._batches:
            await self.keep(self._batches.take())
        self.header = replace(self.header, status=status, finished_at=datetime.now(UTC))
        if self._store:
            self._store.finish(self.header)

    def run(self, dataset: Dataset) -> Run:
        summary = summarize(self.header, self._attempts)
        return Run(header=self.header, dataset=dataset, attempts=self._attempts, summary=summary)


@asynccontextmanager
async def _ending(keeper: _Keeper) -> AsyncIterator[None]:
    """End a run in every case: as finished, or as interrupted with everything kept that was
    finished.
    """
    try:
        yield
    except BaseException:
        with anyio.CancelScope(shield=True):
            await keeper.end("interrupted")
        raise
    await keeper.end("finished")


def _aftermath(suite: Suite, engine: Engine) -> Aftermath:
    notes = list(suite.notes)
    if engine.stopped_by == "budget":
        notes.append("the time budget ended the run; what did not fit is counted as not run")
    if engine.stopped_by == "max_cost":
        notes.append("the cost limit ended the run; what did not fit is counted as not run")
    if engine.refusals:
        notes.append(
            f"the target said {engine.refusals} times that it was asked too often, and was asked more slowly"
        )
    if abandoned := abandoned_threads():
        notes.append(
            f"{abandoned} threads of the target did not come back and were abandoned; `isolation: process` ends them"
        )
    return Aftermath(tuple(notes), engine.answers, engine.grades)


def regrade(
    run: Run | str, suite: Suite | str | Path | None = None, *, store: str | Path = ""
) -> Run:
    """Judge the stored attempts of a run again, without asking the target; gives a new run.

    `suite` is the suite, or its file, whose graders judge; left out, the file that the run was made
    with.
    Raises: UsageError, SuiteError, StoreError.
    """
    reference = run if isinstance(run, str) else run.header.run_id
    with open_store(store) as opened:
        return blocking(lambda: regrade_stored(reference, suite, store=opened)).run


async def regrade_stored(
    reference: str,
    suite: Suite | str | Path | None,
    *,
    store: Store,
    label: str | None = None,
    watch: Watch | None = None,
) -> Done:
    """Judge the stored attempts of a run again and keep the result as a new run."""
    before = store.find(reference)
    dataset = store.dataset(before.dataset_version)
    outline, graders, path = _judges(suite, before, dataset)
    now = datetime.now(UTC)
    header = replace(
        before,
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite=outline,
        suite_version=_suite_version(outline, graders),
        suite_path=path,
        label=label,
        started_at=now,
        finished_at=None,
        status="running",
        regraded_from=before.run_id,
    )
    attempts = store.attempts(before.run_id, dataset)
    store.begin(header, dataset)
    keeper = _Keeper(header, store, watch, None, [])
    async with (
        _ending(keeper),
        regrading(attempts, graders, concurrency=16, cache=store.cache) as judged,
    ):
        await keeper.keep_all(judged.batches)
    return Done(keeper.run(dataset), Aftermath(grades=judged.grades))


def _judges(
    suite: Suite | str | Path | None, before: RunHeader, dataset: Dataset
) -> tuple[SuiteOutline, Sequence[Grader], str | None]:
    if isinstance(suite, Suite):
        return suite.outline, suite.graders, None
    path = suite or before.suite_path
    if path is None:
        raise UsageError(
            f"the run {before.run_id} was not made with a suite file; name one with --suite"
        )
    if suite is None and not Path(path).is_file():
        raise UsageError(
            f"the suite file {path} of the run {before.run_id} is gone; name one with --suite"
        )
    judges = load_judges(Path(path), dataset)
    return judges.outline, judges.graders, str(Path(path).resolve())


async def check_suite(suite: Suite) -> list[Finding]:
    """Say what can be said of a suite without asking its target for answers."""
    findings = await examine(suite)
    try:
        await suite.target.reach()
    except TargetSetupError as error:
        findings.append(Finding("error", f"the target cannot be reached: {error}"))
    return findings


def load_run(reference: str, *, store: Store) -> Run:
    """Give a stored run, by its id, its label or `last`.

    Raises: UnknownRunError, StoreError.
    """
    header = store.find(reference)
    dataset = store.dataset(header.dataset_version)
    attempts = store.attempts(header.run_id, dataset)
    return Run(
        header=header, dataset=dataset, attempts=attempts, summary=summarize(header, attempts)
    )


__all__ = [
    "Aftermath",
    "Done",
    "Watch",
    "blocking",
    "check_suite",
    "evaluate",
    "evaluate_async",
    "load_run",
    "load_suite",
    "open_store",
    "regrade",
    "regrade_stored",
    "run_suite",
]

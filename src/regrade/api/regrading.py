"""Judge stored attempts again."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from regrade.domain import Dataset, Run, RunHeader, Suite
from regrade.domain.errors import UsageError
from regrade.runner import regrading
from regrade.store import Store
from regrade.suites import Judges, load_judges

from .keeping import Keeper, Watch, ending
from .running import COST_LIMIT, Aftermath, Done, suite_version
from .stored import open_store
from .waiting import blocking


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
    use_cache: bool = True,
    max_cost_usd: float | None = None,
) -> Done:
    """Judge the stored attempts of a run again and keep the result as a new run; without the cache,
    graders that cost something judge anew too. As many judge at once as the suite says, and no further
    attempt is judged after `max_cost_usd`, or the suite's own limit.
    """
    before = store.find(reference)
    dataset = store.dataset(before.dataset_version)
    judges, path = _judges(suite, before, dataset)
    outline, graders, settings = judges.outline, judges.graders, judges.settings
    now = datetime.now(UTC)
    header = replace(
        before,
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite=outline,
        suite_version=suite_version(outline, graders),
        suite_path=path,
        label=label,
        started_at=now,
        finished_at=None,
        status="running",
        regraded_from=before.run_id,
    )
    attempts = store.attempts(before.run_id, dataset)
    store.begin(header, dataset)
    keeper = Keeper(header, store, watch, None, [])
    async with (
        ending(keeper),
        regrading(
            attempts,
            graders,
            concurrency=settings.concurrency,
            cache=store.cache if use_cache else None,
            components=outline.components,
            max_cost_usd=settings.max_cost_usd if max_cost_usd is None else max_cost_usd,
        ) as judged,
    ):
        await keeper.keep_all(judged.batches)
        keeper.header = replace(keeper.header, stopped_by=judged.stopped_by)
    notes = (COST_LIMIT,) if judged.stopped_by else ()
    return Done(keeper.run(dataset), Aftermath(notes, grades=judged.grades))


def _judges(
    suite: Suite | str | Path | None, before: RunHeader, dataset: Dataset
) -> tuple[Judges, str | None]:
    if isinstance(suite, Suite):
        return Judges(suite.outline, suite.graders, suite.settings), None
    path = suite or before.suite_path
    if path is None:
        raise UsageError(
            f"the run {before.run_id} was not made with a suite file; name one with --suite"
        )
    if suite is None and not Path(path).is_file():
        raise UsageError(
            f"the suite file {path} of the run {before.run_id} is gone; name one with --suite"
        )
    judges = load_judges(Path(path), dataset, only=before.suite.only)
    return judges, str(Path(path).resolve())

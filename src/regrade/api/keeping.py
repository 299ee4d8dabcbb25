"""What becomes of the attempts that come out of the engine: kept, counted, shown."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import anyio

from regrade.analysis import summarize
from regrade.domain import Attempt, Dataset, EarlyVerdict, Run, RunHeader, RunStatus
from regrade.runner import Batches, Engine, Progress, Tally
from regrade.settings import stuck_after_s
from regrade.store import Store

from .stored import ShownRun

Decides = Callable[[Sequence[Attempt]], EarlyVerdict | None]
"""Is shown every batch of attempts, and says when they decide."""
Watch = Callable[[Progress], None]
"""Is told how far a run is, a few times a second."""


class Keeper:
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
        self._tally = Tally(header.run_id, header.planned, len(earlier))
        self._stuck_after_s = stuck_after_s()
        self._batches: Batches[Attempt] | None = None

    async def keep_all(
        self, batches: Batches[Attempt], decides: Decides | None = None
    ) -> EarlyVerdict | None:
        """Keep every batch as it comes; stop at a verdict where one may come early, and give it."""
        self._batches = batches
        async for batch in batches:
            await self.keep(batch)
            if decides is not None and (verdict := decides(batch)) is not None:
                return verdict
        return None

    async def keep(self, batch: Sequence[Attempt]) -> None:
        """Keep one batch, which may be empty, and show how far the run is."""
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
        stopped_by = self._engine.stopped_by if self._engine else self.header.stopped_by
        self.header = replace(
            self.header, status=status, finished_at=datetime.now(UTC), stopped_by=stopped_by
        )
        if self._store:
            self._store.finish(self.header)

    def run(self, dataset: Dataset) -> Run:
        """Give the run with what it says."""
        summary = summarize(self.header, self._attempts)
        if self._store:
            self._store.keep_summary(summary)
        return ShownRun(
            header=self.header, dataset=dataset, attempts=self._attempts, summary=summary
        )


@asynccontextmanager
async def ending(keeper: Keeper) -> AsyncIterator[None]:
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

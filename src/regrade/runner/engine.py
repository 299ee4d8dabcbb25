"""The engine: cases in, attempts out.

It knows no database, no screen and no file. It yields attempts in batches; whoever calls it saves,
prints and alerts.
"""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import anyio

from regrade.domain import (
    Attempt,
    Cache,
    Component,
    Grader,
    Recorder,
    RunSettings,
    StoppedBy,
    Target,
    Trace,
    restored_trace,
    trace_content,
)
from regrade.wire.limits import AdaptiveLimiter

from .asking import ask
from .cache import CacheUse, CountingCache, answer_entry
from .executors import Batches, run_local
from .grading import cost_of, grade_trace, opened_models
from .order import Work

BATCH_S = 0.25
"""Seconds after which a finished attempt is handed over, at the latest."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """An attempt that is being made."""

    work: Work
    """Which one."""
    stage: str
    """What it waits for: `target` or `graders`."""
    since: float
    """When that began, on the monotonic clock."""


class Engine:
    """Makes the attempts of one run."""

    def __init__(
        self,
        *,
        target: Target,
        graders: Sequence[Grader],
        settings: RunSettings,
        cache: Cache | None = None,
        recorder: Recorder | None = None,
        components: Sequence[Component] = (),
    ) -> None:
        """Take who answers, who judges, how, where to look up what was worked out before, who
        records the steps of the target, and the stages that these belong to.
        """
        self._recorder, self._components = recorder, components
        self._target = target
        self._graders = graders
        self._settings = settings
        self._limiter = AdaptiveLimiter(
            settings.concurrency,
            requests_per_minute=settings.requests_per_minute,
            tokens_per_minute=settings.tokens_per_minute,
        )
        self._answers = CountingCache(cache) if cache and settings.cache_answers else None
        self._grades = CountingCache(cache) if cache and settings.cache_grades else None
        self._in_flight: dict[int, tuple[Work, str, float]] = {}
        self._cost_usd = 0.0
        self._stopped_by: StoppedBy | None = None

    @property
    def stopped_by(self) -> StoppedBy | None:
        """What ended the run before all work was done, if anything did."""
        return self._stopped_by

    def stop(self) -> None:
        """Note that a verdict ends the run; the caller leaves the context of `running`."""
        self._stopped_by = "verdict"

    @property
    def answers(self) -> CacheUse | None:
        """How the cache of answers was used; None when it was off."""
        return self._answers.use if self._answers else None

    @property
    def grades(self) -> CacheUse | None:
        """How the cache of grades was used; None when it was off."""
        return self._grades.use if self._grades else None

    @property
    def refusals(self) -> int:
        """How often the target said that it was asked too often."""
        return self._limiter.refusals

    def stuck(self, after_s: float) -> list[InFlight]:
        """Give the attempts that have waited for one thing for so long, the oldest first."""
        before = time.monotonic() - after_s
        waiting = [InFlight(*each) for each in self._in_flight.values()]
        return sorted(
            (each for each in waiting if each.since <= before), key=lambda each: each.since
        )

    @asynccontextmanager
    async def running(self, work: Sequence[Work]) -> AsyncIterator[Batches[Attempt]]:
        """Make the attempts, and give them in batches as they finish.

        The budget ends it, or the cost does: what is in flight at the end of the budget is not run.
        Raises: TargetSetupError when the target cannot be opened.
        """
        budget_s = self._settings.budget_s
        deadline = float("inf") if budget_s is None else anyio.current_time() + budget_s
        performed = run_local(
            self._affordable(work),
            self._attempt,
            concurrency=self._settings.concurrency,
            every_s=BATCH_S,
            deadline=deadline,
        )
        async with self._target.opened(), opened_models(self._graders), performed as batches:
            yield batches
            if self._stopped_by is None and anyio.current_time() >= deadline:
                self._stopped_by = "budget"

    def _affordable(self, work: Sequence[Work]) -> Iterator[Work]:
        most = self._settings.max_cost_usd
        for piece in work:
            if most is not None and self._cost_usd >= most:
                self._stopped_by = "max_cost"
                return
            yield piece

    async def _attempt(self, work: Work) -> Attempt:
        place = id(work)
        self._in_flight[place] = (work, "target", time.monotonic())
        try:
            trace = await self._trace(work)
            if trace.usage is not None and trace.usage.cost_usd:
                self._cost_usd += trace.usage.cost_usd
            self._in_flight[place] = (work, "graders", time.monotonic())
            judged = await grade_trace(
                work.case, trace, self._graders, self._grades, self._components
            )
        finally:
            del self._in_flight[place]
        self._cost_usd += cost_of(judged.grades)
        return Attempt(
            case=work.case,
            trial=work.trial,
            trace=trace,
            grades=judged.grades,
            failures=judged.failures,
        )

    async def _trace(self, work: Work) -> Trace:
        if self._answers is None:
            return await self._ask(work)
        entry = answer_entry(work.case, work.trial, self._target.version)
        if (known := self._answers.find(entry)) is not None:
            return restored_trace(known)
        trace = await self._ask(work)
        if trace.error is None:
            self._answers.keep(replace(entry, value=trace_content(trace)))
        return trace

    async def _ask(self, work: Work) -> Trace:
        settings = self._settings
        return await ask(
            self._target,
            work.case,
            limiter=self._limiter,
            timeout_s=settings.timeout_s,
            retries=settings.retries,
            seed=settings.seed,
            recorder=self._recorder,
        )


@dataclass(frozen=True, slots=True)
class Regrading:
    """Stored attempts that are being judged again."""

    batches: Batches[Attempt]
    """The attempts, as they are judged."""
    grades: CacheUse | None
    """How the cache of grades is used; None when it is off."""
    spent: "_Spent"
    """What the graders cost so far, and whether that ended it."""

    @property
    def stopped_by(self) -> StoppedBy | None:
        """What ended it before every attempt was judged, if anything did."""
        return "max_cost" if self.spent.is_over else None


@dataclass(slots=True)
class _Spent:
    """What graders cost, beside the most that they may."""

    most_usd: float | None
    usd: float = 0.0
    is_over: bool = False

    def within(self, attempts: Sequence[Attempt]) -> Iterator[Attempt]:
        """Give attempts as long as the limit is not reached."""
        for attempt in attempts:
            if self.most_usd is not None and self.usd >= self.most_usd:
                self.is_over = True
                return
            yield attempt


@asynccontextmanager
async def regrading(
    attempts: Sequence[Attempt],
    graders: Sequence[Grader],
    *,
    concurrency: int,
    cache: Cache | None,
    components: Sequence[Component] = (),
    max_cost_usd: float | None = None,
) -> AsyncIterator[Regrading]:
    """Judge stored attempts again, as long as that costs less than a limit; no target is asked."""
    counting = CountingCache(cache) if cache else None
    spent = _Spent(max_cost_usd)

    async def judge(attempt: Attempt) -> Attempt:
        judged = await grade_trace(attempt.case, attempt.trace, graders, counting, components)
        spent.usd += cost_of(judged.grades)
        return Attempt(
            case=attempt.case,
            trial=attempt.trial,
            trace=attempt.trace,
            grades=judged.grades,
            failures=judged.failures,
        )

    performed = run_local(spent.within(attempts), judge, concurrency=concurrency, every_s=BATCH_S)
    async with opened_models(graders), performed as batches:
        yield Regrading(batches, counting.use if counting else None, spent)

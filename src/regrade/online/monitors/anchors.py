"""Labelled answers that the judges of a monitor judge again, a few a tick, in rotation: whether a verdict is still the
same tells a change of the judge from one of the application.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

import anyio

from regrade.domain import Attempt, Grader, answer_key
from regrade.domain.errors import UsageError
from regrade.domain.live import Series, Watch
from regrade.online.watching import Monitors, Watched
from regrade.runner import grade_trace, opened_models
from regrade.store import Store

from .clock import EventClock

log = logging.getLogger("regrade.online")
LAST = "anchored"
"""The key under which a clock remembers the tick in which anchors were judged."""


class AnchorJudge:
    """Has anchors judged, once a tick whoever does it."""

    def __init__(self, store: Store, clock: EventClock | None = None) -> None:
        """Take the database, and the clock of the traffic."""
        self._store, self._clock = store, clock or EventClock()
        self._monitors = Monitors(store)
        self._known: dict[tuple[str, str], list[tuple[Attempt, Mapping[str, bool]]]] = {}

    async def look(self) -> int:
        """Judge the anchors of every tick that has begun; gives how many verdicts there were."""
        judged = 0
        for project in self._store.live.projects.names().values():
            for each in self._monitors.of(project):
                watch = each.monitor.watch
                if watch is not None and watch.anchors is not None:
                    judged += await self._judge(project, each, watch)
        return judged

    async def _judge(self, project: int, found: Watched, watch: Watch) -> int:
        tick = round(watch.tick_s * 1000)
        at = self._clock.now_ms() // tick * tick
        graders = [grader for grader in found.graders if getattr(grader, "asks", ())]
        if not graders or not await anyio.to_thread.run_sync(self._claim, project, found, at):
            return 0
        try:
            items = self._items(found, watch, graders)
        except UsageError as error:
            log.warning("the anchors of the monitor %s: %s", found.monitor.name, error)
            return 0
        if not items:
            return 0
        assert watch.anchors is not None, "else nobody asks"
        first = at // tick * watch.anchors.per_tick
        some = [
            items[(first + n) % len(items)] for n in range(min(watch.anchors.per_tick, len(items)))
        ]
        counts: dict[str, list[int]] = {}
        async with opened_models(graders):
            for attempt, before in some:
                again = await grade_trace(
                    attempt.case, attempt.trace, graders, None, found.components
                )
                for grade in again.grades:
                    if (
                        grade.spec is not None
                        and grade.passed is not None
                        and grade.spec.name in before
                    ):
                        known = counts.setdefault(grade.spec.name, [0, 0])
                        known[0] += grade.passed is before[grade.spec.name]
                        known[1] += 1
        rows = {(Series(kind="judge", name=name), at): (s, n) for name, (s, n) in counts.items()}
        with self._store.transaction():
            self._store.live.tallies.add(project, found.monitor.name, rows)
        return sum(n for _, n in counts.values())

    def _claim(self, project: int, found: Watched, at: int) -> bool:
        """Take the tick, so that nobody else judges its anchors."""
        with self._store.transaction():
            row = self._store.live.tallies.watches(project).get(found.monitor.name)
            if (
                row is None
                or row.version != found.monitor.version
                or row.document.get(LAST, 0) >= at
            ):
                return False
            marked = replace(row, document={**row.document, LAST: at})
            return self._store.live.tallies.advance(
                project, found.monitor.name, marked, row.next_at
            )

    def _items(
        self, found: Watched, watch: Watch, graders: list[Grader]
    ) -> list[tuple[Attempt, Mapping[str, bool]]]:
        """Give labelled answers with what each judge said of them then.

        Raises: UsageError where the run is not there.
        """
        assert watch.anchors is not None, "else nobody asks"
        key = (watch.anchors.run, found.monitor.version)
        if key not in self._known:
            header = self._store.find(watch.anchors.run)
            dataset = self._store.dataset(header.dataset_version)
            labelled = {
                (label.pairing_key, label.answer)
                for label in self._store.labels.of(header.suite.name)
            }
            keys = {grader.spec.name: grader.spec.identity_key for grader in graders}
            items: dict[tuple[str, str], tuple[Attempt, Mapping[str, bool]]] = {}
            for attempt in self._store.attempts(header.run_id, dataset):
                place = (attempt.case.pairing_key, answer_key(attempt.trace))
                said = {
                    grade.spec.name: grade.passed
                    for grade in attempt.grades
                    if grade.spec is not None
                    and grade.passed is not None
                    and keys.get(grade.spec.name) == grade.spec.identity_key
                }
                if place in labelled and said:
                    items.setdefault(place, (attempt, said))
            self._known[key] = [items[place] for place in sorted(items)]
        return self._known[key]

"""The clock of monitors: closes ticks, has detectors take them, raises alerts and sees them end.

All that a tick changes is one transaction that moves the clock on, if nobody else did: a process that dies in the
middle of it, or two that close the same tick, leave what one alone would have left.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from regrade.domain.errors import StoreError
from regrade.domain.live import Monitor, Series, Watch
from regrade.online.watching import Monitors, Watched
from regrade.store import Store, TallyRow, WatchRow

from .alarms import Alarms
from .clock import EventClock
from .conditions import conditions_of, settle
from .detectors import (
    Watching,
    as_document,
    restored,
)
from .stepping import Step, Tick

MOST_VALUES = 20
"""Values of a tag that are watched each by itself; others are watched together."""
OTHERS = "(others)"
MOST_AT_ONCE = 500
"""Ticks that are closed in one look: what was missed for long is made up for bit by bit."""
log = logging.getLogger("regrade.online")


class MovedError(Exception):
    """Another process closed the tick."""


class Ticker:
    """Closes the ticks of all monitors of a database; several may do so at once."""

    def __init__(self, store: Store, clock: EventClock | None = None) -> None:
        """Take the database, and the clock of the traffic."""
        self._store, self._clock = store, clock or EventClock()
        self._monitors = Monitors(store)
        self._clocks: dict[tuple[int, str], WatchRow] = {}
        self.closed = 0

    def look(self) -> int:
        """Close every tick that is due; gives how many there were."""
        now_ms, closed = self._clock.now_ms(), 0
        for project in self._store.live.projects.names().values():
            found = [each for each in self._monitors.of(project) if each.monitor.watch]
            self._forget(project, found)
            due = self._due_of(project, found, now_ms)
            if due:
                closed += self._closed(project, due, now_ms)
        self.closed += closed
        return closed

    def _due_of(self, project: int, found: Sequence[Watched], now_ms: int) -> list[Watched]:
        """Give the monitors that have anything to do, before the database is kept from others."""
        live = self._store.live

        def is_due(each: Watched) -> bool:
            row, watch = self._clocks.get((project, each.monitor.name)), each.monitor.watch
            assert watch is not None, "others are left out"
            return row is None or row.version != each.monitor.version or _due(watch, row, now_ms)

        if any(
            map(is_due, found)
        ):  # by what is remembered: another process may have moved clocks on
            for name, row in live.tallies.watches(project).items():
                self._clocks[project, name] = row
        return [
            each
            for each in found
            if is_due(each) or self._is_plain_to_see(project, each.monitor, now_ms)
        ]

    def _is_plain_to_see(self, project: int, monitor: Monitor, now_ms: int) -> bool:
        watch = monitor.watch
        if watch is None or (watch.lag_s is None and watch.silent_s is None):
            return False
        standing = self._store.live.alerts.standing(project, monitor.name)
        return any(conditions_of(self._store, project, monitor, standing, now_ms))

    def _closed(self, project: int, due: Sequence[Watched], now_ms: int) -> int:
        """Close what is due of all monitors at once; where one of them is at fault, each by itself."""
        try:
            with self._store.transaction():
                return self._look_at(project, due, now_ms)
        except MovedError:
            log.debug("another process closed ticks of project %d", project)
            return 0
        except StoreError:
            raise
        except Exception as error:
            if len(due) == 1:
                log.exception("the monitor %s cannot close its tick", due[0].monitor.name)
                return 0
            log.warning("a monitor of project %d is at fault: %s", project, error)
            return sum(self._closed(project, [each], now_ms) for each in due)

    def _forget(self, project: int, found: Sequence[Watched]) -> None:
        """Stop the clocks of monitors that are gone: their detectors have no part in the budget any more."""
        names = {each.monitor.name for each in found}
        gone = [key for key in self._clocks if key[0] == project and key[1] not in names]
        if not gone:
            return
        documents = self._store.live.decisions.monitors(project)
        for key in gone:
            if (documents.get(key[1]) or {"monitor": {}})["monitor"].get("alert") is None:
                with self._store.transaction():
                    self._store.live.tallies.stop(project, key[1])
            del self._clocks[key]

    def _look_at(self, project: int, found: Sequence[Watched], now_ms: int) -> int:
        live = self._store.live
        alerting = live.alerts.alerting(project)
        clocks, closed = live.tallies.watches(project), 0
        alarms = Alarms(self._store, project, alerting, now_ms)
        detectors = live.tallies.detector_count(project)
        for each in found:
            monitor, watch = each.monitor, each.monitor.watch
            assert watch is not None, "others are left out"
            row = clocks.get(monitor.name)
            if row is None or row.version != monitor.version:
                row = self._start(project, monitor, watch, row, now_ms)
            self._clocks[project, monitor.name] = row
            if _due(watch, row, now_ms):
                tick = Tick(project, monitor, watch, row, row.next_at)
                due = now_ms - round(watch.watermark_s * 1000)
                closed += self._close(tick, each, alarms, detectors, due)
            if watch.lag_s is not None or watch.silent_s is not None:
                standing = alarms.standing(monitor.name)
                for condition in [*conditions_of(self._store, project, monitor, standing, now_ms)]:
                    settle(alarms, monitor, condition)
        return closed

    def _start(
        self, project: int, monitor: Monitor, watch: Watch, before: WatchRow | None, now_ms: int
    ) -> WatchRow:
        """Start a clock, or start it anew because the monitor was changed: what was counted stays."""
        tick = round(watch.tick_s * 1000)
        oldest = self._store.live.tallies.oldest(project, monitor.name)
        first = now_ms if oldest is None else min(oldest, now_ms)
        row = WatchRow(
            version=monitor.version,
            started_at=first // tick * tick,
            next_at=first // tick * tick,
            document={"slices": {}} if before is None else before.document,
        )
        self._store.live.tallies.start(project, monitor.name, row)
        return row

    def _close(self, tick: Tick, found: Watched, alarms: Alarms, detectors: int, due: int) -> int:
        """Close the ticks of a monitor that are due."""
        live = self._store.live
        states = {
            series: restored(document)
            for series, document in live.tallies.detectors(tick.project, tick.monitor.name).items()
        }
        new = 0
        changed: dict[Series, Watching] = {}
        closed = 0
        row = tick.row
        document = _slices_of(row)
        while tick.end <= due and closed < MOST_AT_ONCE:
            rows = live.tallies.take(tick.project, tick.monitor.name, tick.end)
            rows = [_among(document, each) for each in rows]
            live.tallies.count(
                tick.project,
                tick.monitor.name,
                [replace(r, late=r.total if r.at < tick.start else 0) for r in rows],
            )
            step = Step(self._store, tick, states, alarms, max(1, detectors + new))
            changed |= step.take(rows)
            new = step.new + new
            closed += 1
            tick.start = self._next(tick, due, has_volume=tick.watch.volume is not None)
        live.tallies.keep_detectors(
            tick.project, tick.monitor.name, {s: as_document(w) for s, w in changed.items()}
        )
        kept = replace(row, document={**row.document, "slices": document})
        if not live.tallies.advance(tick.project, tick.monitor.name, kept, tick.start):
            raise MovedError
        alarms.explain(found)
        return closed

    def _next(self, tick: Tick, due: int, *, has_volume: bool) -> int:
        """Give the tick after this one: those without results are passed over, where none is watched for."""
        if has_volume or tick.end + tick.ms > due:
            return tick.end
        oldest = self._store.live.tallies.oldest(tick.project, tick.monitor.name)
        last = due // tick.ms * tick.ms
        return max(tick.end, min(last, last if oldest is None else oldest // tick.ms * tick.ms))


def _due(watch: Watch, row: WatchRow, now_ms: int) -> bool:
    """Whether the next tick may be closed."""
    return row.next_at + round((watch.tick_s + watch.watermark_s) * 1000) <= now_ms


def _slices_of(row: WatchRow) -> dict[str, list[str]]:
    return {name: [*values] for name, values in row.document.get("slices", {}).items()}


def _among(known: dict[str, list[str]], row: TallyRow) -> TallyRow:
    """Put the value of a tag that is one too many among the others."""
    if not row.series.slice:
        return row
    name, _, value = row.series.slice.partition("=")
    values = known.setdefault(name, [])
    if value in values:
        return row
    if len(values) < MOST_VALUES:
        values.append(value)
        return row
    return replace(row, series=replace(row.series, slice=f"{name}={OTHERS}"))

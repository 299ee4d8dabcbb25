"""The clock of monitors: closes ticks, has detectors take them, raises alerts and sees them end.

All that a tick changes is one transaction that moves the clock on, if nobody else did: a process that dies in the
middle of it, or two that close the same tick, leave what one alone would have left.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from regrade.domain import Json
from regrade.domain.errors import StoreError
from regrade.domain.live import PREVIOUS_RELEASE, Monitor, Series, Watch
from regrade.online.watching import Monitors, Watched
from regrade.stats.sequential.detecting import Detector, threshold
from regrade.store import Store, TallyRow, WatchRow

from .alarms import Alarms
from .baselines import Baselines, Tolerated, cell_of
from .clock import EventClock
from .conditions import conditions_of, settle
from .detectors import (
    RECOVERED as RECOVERED_AT,
    Watching,
    alarmed,
    as_document,
    restored,
    taken,
    watching_again,
)

MOST_VALUES = 20
"""Values of a tag that are watched each by itself; others are watched together."""
OTHERS = "(others)"
TOO_LATE = 24
"""Ticks after which what comes late is counted, and watched no more."""
YEAR_S = 365.25 * 86_400
VOLUME = Series(kind="volume")
STEADY = 0.95
"""The share of the ticks in which traffic is as usual."""
FEWEST_TICKS = 8
"""Ticks of one cell by which the usual traffic is known."""
MOST_AT_ONCE = 500
"""Ticks that are closed in one look: what was missed for long is made up for bit by bit."""
log = logging.getLogger("regrade.online")


class MovedError(Exception):
    """Another process closed the tick."""


@dataclass(slots=True)
class _Tick:
    """One tick of one monitor, being closed."""

    project: int
    monitor: Monitor
    watch: Watch
    row: WatchRow
    start: int

    @property
    def ms(self) -> int:
        return round(self.watch.tick_s * 1000)

    @property
    def end(self) -> int:
        return self.start + self.ms

    @property
    def number(self) -> int:
        return self.start // self.ms


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
                tick = _Tick(project, monitor, watch, row, row.next_at)
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

    def _close(self, tick: _Tick, found: Watched, alarms: Alarms, detectors: int, due: int) -> int:
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
            step = _Step(self._store, tick, states, alarms, max(1, detectors + new))
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

    def _next(self, tick: _Tick, due: int, *, has_volume: bool) -> int:
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


class _Step:
    """What one tick does to the detectors of a monitor."""

    def __init__(
        self,
        store: Store,
        tick: _Tick,
        states: dict[Series, Watching],
        alarms: Alarms,
        detectors: int,
    ) -> None:
        self._store, self._tick, self._states = store, tick, states
        self._alarms, self._detectors = alarms, detectors
        self._baselines = Baselines(store, tick.project, tick.monitor, tick.start)
        self.new = 0

    def take(self, rows: Sequence[TallyRow]) -> dict[Series, Watching]:
        """Take the rows of a tick; gives the detectors that changed."""
        changed: dict[Series, Watching] = {}
        for series, some in self._by_series(rows).items():
            watching = self._state(series)
            if watching is None or watching.detector.tick >= self._tick.number:
                continue
            after = taken(self._freed(series, watching), self._tick.number, some)
            after = self._judged(series, after)
            self._states[series] = changed[series] = after
        return changed

    def _by_series(
        self, rows: Sequence[TallyRow]
    ) -> Mapping[Series, Sequence[tuple[int, int, str]]]:
        """Give what each watched series brought: passes, observations and cell of each row."""
        watch, found = self._tick.watch, defaultdict[Series, list[tuple[int, int, str]]](list)
        judged: dict[str, int] = {}
        for row in rows:
            if row.series.kind == "judged":
                judged[row.series.slice] = judged.get(row.series.slice, 0) + row.total
        oldest = self._tick.start - TOO_LATE * self._tick.ms
        for row in rows:
            if row.at < oldest or not _is_watched(watch, row.series):
                continue
            passed, total = row.passed, row.total
            if row.series.kind == "category":
                total = max(judged.get(row.series.slice, 0), total)
                passed = total - row.total
            found[row.series].append((passed, total, cell_of(watch, row.at)))
        for series in self._states:
            if series.kind == "category" and series not in found and judged.get(series.slice):
                n = judged[series.slice]
                found[series].append((n, n, cell_of(watch, self._tick.start)))
        if watch.volume is not None and (steady := self._is_steady(rows)) is not None:
            found[VOLUME] = [(int(steady), 1, "")]
        else:
            found.pop(VOLUME, None)
        return found

    def _is_steady(self, rows: Sequence[TallyRow]) -> bool | None:
        """Say whether there was as much traffic as in other ticks of the same cell; None where too few are known."""
        watch, tick = self._tick.watch, self._tick
        assert watch.volume is not None, "else nobody asks"
        now = sum(r.total for r in rows if r.series == VOLUME and r.at == tick.start)
        cell = cell_of(watch, tick.start)
        since = tick.start - round(watch.over_s * 1000)
        before = {
            each.at: each.total
            for each in self._store.live.tallies.ticks(
                tick.project, tick.monitor.name, VOLUME, since_ms=since, until_ms=tick.start
            )
        }
        if not before:
            return None
        ticks = range(min(before), tick.start, tick.ms)
        usual = [before.get(at, 0) for at in ticks if cell_of(watch, at) == cell]
        if len(usual) < FEWEST_TICKS:
            return None
        middle, volume = median(usual), watch.volume
        low = 0.0 if volume.drop is None else volume.drop * middle
        high = float("inf") if volume.rise is None else volume.rise * middle
        return low <= now <= high

    def _state(self, series: Series) -> Watching | None:
        """Give the detector of a series; a new one as soon as it is known what is tolerated."""
        known, release = self._states.get(series), 0
        bar = self._tick.watch.bar(series)
        if bar is not None and bar.baseline == PREVIOUS_RELEASE:
            release = self._baselines.release_at() or 0
        if known is not None and known.release == release:
            return known
        if series == VOLUME:
            tolerated: Tolerated | None = Tolerated(rates={"": STEADY}, passed=0, total=0)
        else:
            tolerated = None if bar is None else self._baselines.of(series, bar)
        if tolerated is None:
            return known
        self.new += known is None
        fresh = Detector(tick=self._tick.number - 1)
        return Watching(tolerated=tolerated, detector=fresh, release=release)

    def _freed(self, series: Series, watching: Watching) -> Watching:
        """Let go of an alert that somebody closed."""
        if watching.alert is None:
            return watching
        standing = self._alarms.standing(self._tick.monitor.name).get(series.key)
        if standing is not None and standing.alert == watching.alert:
            return watching
        return watching_again(watching)

    def _judged(self, series: Series, watching: Watching) -> Watching:
        """Raise an alert, or see one end."""
        tick = self._tick
        if watching.alert is not None:
            if watching.recovery.value < RECOVERED_AT:
                return watching
            self._alarms.recovered(tick.monitor, series, watching.alert)
            return watching_again(watching)
        ticks = self._alarms.alerting.years * YEAR_S / tick.watch.tick_s
        at = threshold(ticks, 1 / self._detectors)
        least = 1 if series == VOLUME else tick.watch.least_n
        if watching.detector.value < at or watching.detector.seen < least:
            return watching
        began = watching.detector.began * tick.ms
        alert = self._alarms.alarm(tick.monitor, series, began, tick.end, _facts(watching, at))
        return alarmed(watching, alert, tick.number)


def _facts(watching: Watching, threshold_: float) -> dict[str, Json]:
    return {
        "evidence": watching.detector.value,
        "threshold": threshold_,
        "results": watching.detector.seen,
        "tolerated": watching.tolerated.floor,
        "baseline": [watching.tolerated.passed, watching.tolerated.total],
    }


def _is_watched(watch: Watch, series: Series) -> bool:
    if series.slice and series.slice.partition("=")[0] not in watch.slices:
        return False
    return series.kind != "volume" and watch.bar(series) is not None

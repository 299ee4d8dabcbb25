"""What one tick does to the detectors of a monitor: each series against what is tolerated, alarms raised and ended."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from regrade.domain import Json
from regrade.domain.live import PREVIOUS_RELEASE, Monitor, Series, Watch
from regrade.stats.sequential.detecting import Detector, threshold
from regrade.store import Store, TallyRow, WatchRow

from .alarms import Alarms
from .baselines import Baselines, Tolerated, cell_of
from .detectors import RECOVERED as RECOVERED_AT, Watching, alarmed, taken, watching_again

TOO_LATE = 24
"""Ticks after which what comes late is counted, and watched no more."""
YEAR_S = 365.25 * 86_400
VOLUME = Series(kind="volume")
STEADY = 0.95
"""The share of the ticks in which traffic is as usual."""
FEWEST_TICKS = 8
"""Ticks of one cell by which the usual traffic is known."""


@dataclass(slots=True)
class Tick:
    """One tick of one monitor, being closed."""

    project: int
    """The project."""
    monitor: Monitor
    """The monitor."""
    watch: Watch
    """What it watches."""
    row: WatchRow
    """How far its clock had come."""
    start: int
    """Its beginning, in milliseconds since 1970."""

    @property
    def ms(self) -> int:
        """Its length, in milliseconds."""
        return round(self.watch.tick_s * 1000)

    @property
    def end(self) -> int:
        """Its end, in milliseconds since 1970."""
        return self.start + self.ms

    @property
    def number(self) -> int:
        """Its number since 1970."""
        return self.start // self.ms


class Step:
    """What one tick does to the detectors of a monitor."""

    def __init__(
        self,
        store: Store,
        tick: Tick,
        states: dict[Series, Watching],
        alarms: Alarms,
        detectors: int,
    ) -> None:
        """Take the database, the tick, the detectors, the alerts, and how many detectors share the budget."""
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

"""What is tolerated: a fixed bar, or a lower bound of a baseline, less a tolerance, cell by cell where traffic has
cycles.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain.errors import UnknownRunError
from regrade.domain.live import LAST_WEEK, PREVIOUS_RELEASE, Bar, Monitor, Series, Watch
from regrade.stats.sequential.baselines import cell_bounds, lower_bound
from regrade.store import Store

from .tallying import verdicts_of

Count = tuple[int, int]
LOWEST = 0.005
"""The lowest rate that is held against: below it a drop cannot be told."""
ALL = ""
"""The cell of whatever has none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerated:
    """What is tolerated of one series."""

    rates: Mapping[str, float]
    """By cell; `ALL` is for every other."""
    passed: int
    """Passes of the baseline; 0 of 0 for a fixed bar."""
    total: int
    """Its observations."""

    def rate(self, cell: str) -> float:
        """Give the rate of a cell."""
        return self.rates.get(cell, self.rates[ALL])

    @property
    def floor(self) -> float:
        """The lowest one."""
        return min(self.rates.values())


def cell_of(watch: Watch, at_ms: int) -> str:
    """Give the cell of a tick: its hour (UTC), of a day or of a week."""
    if watch.cycles == "none":
        return ALL
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment.hour}" if watch.cycles == "day" else f"{moment.weekday()}-{moment.hour}"


def bounded(watch: Watch, cells: Mapping[str, Sequence[int]], bar: Bar) -> Tolerated | None:
    """Give what is tolerated by passes and observations of a baseline, by cell; None where they are too few to say."""
    passed = sum(p for p, _ in cells.values())
    total = sum(n for _, n in cells.values())
    if total < watch.least_n:
        return None
    whole = lower_bound(passed, total) - bar.tolerance
    if whole < LOWEST:
        return None
    rates = {ALL: whole}
    if watch.cycles != "none":
        bounds = cell_bounds({cell: (p, n) for cell, (p, n) in cells.items()})
        rates |= {cell: max(LOWEST, bound - bar.tolerance) for cell, bound in bounds.items()}
    return Tolerated(rates=rates, passed=passed, total=total)


class Baselines:
    """Says what is tolerated of the series of a monitor, at the beginning of a tick."""

    def __init__(self, store: Store, project: int, monitor: Monitor, at_ms: int) -> None:
        """Take where the history is, and now."""
        assert monitor.watch is not None, "who watches nothing asks for no baseline"
        self._store, self._project, self._name = store, project, monitor.name
        self._watch, self._at = monitor.watch, at_ms
        self._cells: dict[int, dict[Series, dict[str, list[int]]]] = {}
        self._runs: dict[str, dict[Series, Count]] = {}
        self._first: int | None = None

    def of(self, series: Series, bar: Bar) -> Tolerated | None:
        """Give what is tolerated; None as long as there is not enough to say it by."""
        if bar.least is not None:
            return Tolerated(rates={ALL: bar.least}, passed=0, total=0)
        if bar.baseline in (LAST_WEEK, PREVIOUS_RELEASE):
            return self._of_traffic(series, bar)
        if series.kind == "judge":
            return self._of_traffic(series, bar)
        run = self._of_run(bar.baseline or "")
        cells = {ALL: [*run.get(series, (0, 0))]}
        if series.kind == "category":
            judged = run.get(Series(kind="judged", slice=series.slice), (0, 0))
            cells = _as_category(cells, {ALL: [*judged]})
        return bounded(self._watch, cells, bar)

    def _of_traffic(self, series: Series, bar: Bar) -> Tolerated | None:
        over_ms, until = round(self._watch.over_s * 1000), self._at
        if bar.baseline == PREVIOUS_RELEASE:
            first = self.release_at()
            if first is None:
                return None
            until = first
        elif self._began() is None or self._at - (self._began() or 0) < over_ms:
            return None  # not all of it is there yet
        cells = self._counted(until - over_ms, until)
        found = cells.get(series, {})
        if series.kind == "category":
            found = _as_category(found, cells.get(Series(kind="judged", slice=series.slice), {}))
        return bounded(self._watch, found, bar)

    def _began(self) -> int | None:
        if self._first is None:
            self._first = self._store.live.tallies.first(self._project, self._name)
        return self._first

    def release_at(self) -> int | None:
        """Give when the newest release came first, where there was one before it: what came before is its baseline."""
        by_service: Counter[str] = Counter()
        newest: int | None = None
        for at, service, _ in self._store.live.alerts.releases(self._project):
            if at <= self._at:
                newest = at if newest is None else newest
                by_service[service] += 1
        return newest if any(number > 1 for number in by_service.values()) else None

    def _counted(self, since: int, until: int) -> dict[Series, dict[str, list[int]]]:
        if until not in self._cells:
            found: defaultdict[Series, dict[str, list[int]]] = defaultdict(dict)
            live = self._store.live.tallies
            for row in live.ticks(self._project, self._name, since_ms=since, until_ms=until):
                known = found[row.series].setdefault(cell_of(self._watch, row.at), [0, 0])
                known[0] += row.passed
                known[1] += row.total
            self._cells[until] = dict(found)
        return self._cells[until]

    def _of_run(self, reference: str) -> dict[Series, Count]:
        """Give what a run says of every series, by the tags of its cases."""
        if reference not in self._runs:
            try:
                header = self._store.find(reference)
            except UnknownRunError:
                self._runs[reference] = {}
                return {}
            dataset = self._store.dataset(header.dataset_version)
            sums: defaultdict[Series, list[int]] = defaultdict(lambda: [0, 0])
            for attempt in self._store.attempts(header.run_id, dataset):
                parts = [
                    f"{name}={attempt.case.tags[name]}"
                    for name in self._watch.slices
                    if name in attempt.case.tags
                ]
                for series, passed, total in verdicts_of(attempt, header.suite.components):
                    for part in ("", *parts):
                        each = Series(kind=series.kind, name=series.name, slice=part)
                        sums[each][0] += passed
                        sums[each][1] += total
            self._runs[reference] = {series: (p, n) for series, (p, n) in sums.items()}
        return self._runs[reference]


def _as_category(
    failed: Mapping[str, list[int]], judged: Mapping[str, list[int]]
) -> dict[str, list[int]]:
    """Turn failures of a category into passes of all that was judged."""
    return {cell: [n - failed.get(cell, [0, 0])[1], n] for cell, (_, n) in judged.items()}

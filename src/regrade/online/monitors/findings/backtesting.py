"""What a monitor would have said on the traffic that is stored, and how soon it would see a drop."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from regrade.domain.errors import UsageError
from regrade.domain.live import Alerting, Series, Watch
from regrade.domain.live.findings import Backtest, Delay, Said, SeriesTest
from regrade.online.monitors.baselines import ALL, Tolerated, bounded, cell_of
from regrade.online.monitors.detectors import RECOVERED, Watching, alarmed, taken, watching_again
from regrade.online.monitors.stepping import YEAR_S
from regrade.online.watching import Watched
from regrade.stats.intervals import quantile
from regrade.stats.sequential.detecting import Detector, Tally, step, threshold
from regrade.store import Store, TallyRow

from .history import history_of

SIMULATED = 40
"""Drops that are simulated for each size and series."""
LONGEST = 1000
"""Ticks after which a simulated drop counts as not seen."""
DROPS = (0.03, 0.05, 0.1)
"""Sizes of drops, as differences of rates."""


def backtest(
    store: Store, project: int, found: Watched, *, since_ms: int = 0, seed: int = 0
) -> Backtest:
    """Replay the history of a monitor as if it had watched from the beginning.

    Raises: UsageError where the monitor raises no alerts, or nothing was graded for it.
    """
    watch = found.monitor.watch
    if watch is None:
        raise UsageError(f"the monitor {found.monitor.name} raises no alerts: it has no `alert`")
    rows = history_of(store, project, found, since_ms)
    if not rows:
        raise UsageError(f"nothing was graded for the monitor {found.monitor.name} yet")
    alerting = store.live.alerts.alerting(project)
    by_series: defaultdict[Series, list[TallyRow]] = defaultdict(list)
    for row in rows:
        by_series[row.series].append(row)
    watched = {s: r for s, r in by_series.items() if _is_watched(watch, s)}
    at = _threshold(watch, alerting, max(1, len(watched)))
    chance = np.random.default_rng(seed)
    said: list[Said] = []
    tests = []
    for series, some in sorted(watched.items(), key=lambda each: (each[0].key, each[0].slice)):
        tolerated, rest = _tolerated(watch, series, some)
        if tolerated is not None:
            said += _replayed(watch, series, rest, tolerated, at)
        held = None if tolerated is None else tolerated.rates[ALL]
        tests.append(_test(watch, series, some, held, at, chance))
    tick = round(watch.tick_s * 1000)
    return Backtest(
        since_ms=rows[0].at,
        until_ms=rows[-1].at + tick,
        ticks=(rows[-1].at - rows[0].at) // tick + 1,
        said=sorted(said, key=lambda each: each.at_ms),
        pages_a_year=len(watched) / at * YEAR_S / watch.tick_s,
        series=tests,
    )


def _is_watched(watch: Watch, series: Series) -> bool:
    if series.slice and series.slice.partition("=")[0] not in watch.slices:
        return False
    return series.kind not in ("volume", "coverage", "category") and watch.bar(series) is not None


def _threshold(watch: Watch, alerting: Alerting, detectors: int) -> float:
    return threshold(alerting.years * YEAR_S / watch.tick_s, 1 / detectors)


def _tolerated(
    watch: Watch, series: Series, rows: Sequence[TallyRow]
) -> tuple[Tolerated | None, Sequence[TallyRow]]:
    """Give what is tolerated, and what is left of the history once a baseline was made of its beginning."""
    bar = watch.bar(series)
    assert bar is not None, "others are left out"
    if bar.least is not None:
        return Tolerated(rates={ALL: bar.least}, passed=0, total=0), rows
    end = rows[0].at + round(watch.over_s * 1000)
    rest = [row for row in rows if row.at >= end]
    cells: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row.at < end:
            cells[cell_of(watch, row.at)][0] += min(row.passed, row.total)
            cells[cell_of(watch, row.at)][1] += row.total
    return (bounded(watch, cells, bar) if rest else None), rest


def _replayed(
    watch: Watch, series: Series, rows: Sequence[TallyRow], tolerated: Tolerated, at: float
) -> list[Said]:
    tick, said = round(watch.tick_s * 1000), []
    state = Watching(tolerated=tolerated, detector=Detector())
    for row in rows:
        number = row.at // tick
        state = taken(state, number, [(row.passed, row.total, cell_of(watch, row.at))])
        if state.alert is not None and state.recovery.value >= RECOVERED:
            state = watching_again(state)
        elif (
            state.alert is None
            and state.detector.value >= at
            and state.detector.seen >= watch.least_n
        ):
            began = state.detector.began * tick
            since = [each for each in rows if began <= each.at <= row.at]
            said.append(
                Said(
                    series=series,
                    began_ms=began,
                    at_ms=row.at + tick,
                    tolerated=tolerated.rate(cell_of(watch, row.at)),
                    passed=sum(each.passed for each in since),
                    n=sum(each.total for each in since),
                )
            )
            state = alarmed(state, len(said), number)
    return said


def _test(
    watch: Watch,
    series: Series,
    rows: Sequence[TallyRow],
    tolerated: float | None,
    at: float,
    chance: np.random.Generator,
) -> SeriesTest:
    tick = round(watch.tick_s * 1000)
    passed, total = sum(r.passed for r in rows), sum(r.total for r in rows)
    rate = min(passed, total) / total if total else 0.0
    ticks = (rows[-1].at - rows[0].at) // tick + 1
    sizes = [0] * ticks
    for row in rows:
        sizes[(row.at - rows[0].at) // tick] += row.total
    delays = []
    if tolerated is not None:
        for drop in DROPS:
            fallen = max(0.0, rate - drop)
            took = sorted(
                _seen_after(sizes, fallen, tolerated, at, chance)
                if fallen < tolerated
                else LONGEST  # that much is tolerated
                for _ in range(SIMULATED)
            )
            delays.append(
                Delay(
                    drop=drop,
                    median_s=_seconds(watch, quantile(took, 0.5)),
                    p90_s=_seconds(watch, quantile(took, 0.9)),
                )
            )
    return SeriesTest(
        series=series, rate=rate, tolerated=tolerated, per_tick=total / ticks, delays=delays
    )


def _seconds(watch: Watch, ticks: float) -> float | None:
    return None if ticks >= LONGEST else ticks * watch.tick_s


def _seen_after(
    sizes: Sequence[int], rate: float, tolerated: float, at: float, chance: np.random.Generator
) -> int:
    """Draw traffic with a lower rate from some tick on, as much as there was, and count ticks until it is seen."""
    detector, begin = Detector(), int(chance.integers(len(sizes)))
    for number in range(1, LONGEST + 1):
        total = sizes[(begin + number) % len(sizes)]
        passed = (
            sum(chance.random() < rate for _ in range(total))
            if total < 200
            else round(total * rate)
        )
        tally = Tally(passed=passed, total=total, tolerated=tolerated)
        detector = step(detector, number, [tally], tolerated)
        if detector.value >= at:
            return number
    return LONGEST

"""A stable year watched, and drops found: false alarms a year, and hours until a drop is seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from regrade.stats import wilson
from regrade.stats.sequential.baselines import cell_bounds, lower_bound
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.stats.sequential.detecting import Detector, Tally, step, threshold

from .rows import Row, Section

HOURS, YEARS, BUDGET = 8760, 200, 10.0
"""Ticks of a year, years that are simulated, years between two false alarms."""
BASE_HOURS = 4 * 168
"""Hours of a baseline."""
DROPS = (0.03, 0.05, 0.1)
TOLERANCE = 0.005
WINDOW = 24
"""Hours of the windows that are often watched instead."""
MOST = 1000
"""Hours after which a drop counts as not seen."""


def rates() -> np.ndarray:
    """Give the true rate of every hour of a week: worse at night, and at the weekend."""
    hour = np.arange(168)
    night = 0.02 * np.cos(2 * np.pi * (hour % 24 - 14) / 24)
    return np.where(hour >= 120, 0.92, 0.95) + night


def volumes() -> np.ndarray:
    """Give the results of every hour of a week, on average: forty by day, fewer at night."""
    hour = np.arange(168)
    return np.where(hour >= 120, 20, 40) * (1 + 0.7 * np.cos(2 * np.pi * (hour % 24 - 15) / 24))


@dataclass(frozen=True)
class Traffic:
    """Hours of traffic."""

    passed: np.ndarray
    total: np.ndarray


def drawn(chance: np.random.Generator, hours: int, drop: float = 0.0, first: int = 0) -> Traffic:
    """Draw traffic, of which every hour is as much worse."""
    at = (first + np.arange(hours)) % 168
    total = chance.poisson(volumes()[at])
    return Traffic(chance.binomial(total, np.clip(rates()[at] - drop, 0, 1)), total)


Watcher = Callable[[Traffic], int | None]
"""Gives the hour of the first alarm."""


def detector(base: Traffic, *, by_cell: bool, tolerance: float = TOLERANCE) -> Watcher:
    """Watch as a monitor does, against a baseline."""
    tolerated = np.full(168, lower_bound(int(base.passed.sum()), int(base.total.sum())) - tolerance)
    if by_cell:
        at = np.arange(len(base.total)) % 168
        counts = {
            cell: (int(base.passed[at == cell].sum()), int(base.total[at == cell].sum()))
            for cell in range(168)
        }
        bounds = cell_bounds(counts)
        tolerated = np.array([bounds[cell] for cell in range(168)]) - tolerance
    floor, alarm = float(tolerated.min()), threshold(BUDGET * HOURS, 1.0)

    def watch(traffic: Traffic) -> int | None:
        state = Detector()
        for hour in range(len(traffic.total)):
            tally = Tally(
                passed=int(traffic.passed[hour]),
                total=int(traffic.total[hour]),
                tolerated=float(tolerated[hour % 168]),
            )
            state = step(state, hour + 1, [tally], floor)
            if state.value >= alarm:
                return hour
        return None

    return watch


def windowed(least: float, window: int = WINDOW) -> Watcher:
    """Alarm where the rate of the last hours is below a fixed one."""

    def watch(traffic: Traffic) -> int | None:
        low = np.nonzero(_rolling(traffic, window) < least)[0]
        return None if not len(low) else int(low[0]) + window - 1

    return watch


def _rolling(traffic: Traffic, window: int) -> np.ndarray:
    passed, total = (
        np.convolve(each, np.ones(window), "valid") for each in (traffic.passed, traffic.total)
    )
    return passed / np.maximum(total, 1)


def tuned(chance: np.random.Generator, years: int) -> float:
    """Find the threshold of a window that alarms once in ten years, by drawing from the truth, which nobody knows."""
    lowest = [float(_rolling(drawn(chance, HOURS), WINDOW).min()) for _ in range(years)]
    return float(np.quantile(lowest, 1 / BUDGET))


def stable(repeats: int, chance: np.random.Generator) -> Section:
    """A year in which nothing gets worse."""
    years = max(5, min(YEARS, repeats // 20))
    known = tuned(chance, years)
    alarms: dict[str, int] = {}
    for _ in range(years):
        base, year = drawn(chance, BASE_HOURS), drawn(chance, HOURS)
        for name, watch in watchers(base, known).items():
            alarms[name] = alarms.get(name, 0) + (watch(year) is not None)
    shares = {name: number / years for name, number in alarms.items()}
    ours = {name: shares[name] for name in shares if name.startswith("detector")}
    row = Row(
        f"{years} years of 24 and 168 hour cycles",
        ours,
        {name: share for name, share in shares.items() if name not in ours},
        years,
        "0.1 with one false alarm in ten years",
    )
    return Section(
        "A stable year of live traffic",
        "share of the years with a false alarm",
        (row,),
        "The detector by hour and weekday keeps the stated budget with what it learned in four weeks. One baseline for "
        "all hours does not: traffic is worse at night and at weekends than it on average. The tuned window was given "
        "its threshold by drawing from the truth, which nobody knows.",
    )


def watchers(base: Traffic, known: float) -> Mapping[str, Watcher]:
    """Give everybody who watches, by name."""
    overall = float(base.passed.sum() / base.total.sum())
    return {
        "detector, by hour and weekday": detector(base, by_cell=True),
        "detector, one baseline": detector(base, by_cell=False),
        "last hour below the mean less 5 points": windowed(overall - 0.05, 1),
        f"last {WINDOW} hours below the mean less 5 points": windowed(overall - 0.05),
        f"last {WINDOW} hours, tuned by the truth": windowed(known),
    }


def delays(repeats: int, chance: np.random.Generator) -> Section:
    """Hours until a drop is seen."""
    times = max(5, min(YEARS, repeats // 20))
    known = tuned(chance, times)
    rows = []
    for drop in DROPS:
        found = seen_after(chance, known, drop, times)
        medians = {name: float(np.median(hours)) for name, hours in found.items()}
        names = ("detector, by hour and weekday", f"last {WINDOW} hours, tuned by the truth")
        rows.append(
            Row(
                f"a drop of {drop * 100:g} points",
                {names[0]: medians[names[0]]},
                {names[1]: medians[names[1]]},
                None,
                "soon",
            )
        )
    return Section(
        "Drops in live traffic",
        "median hours until they are seen",
        tuple(rows),
        f"About 32 results an hour; {MOST} hours stand for not seen. The claim is a stated budget without tuning, "
        "and not to be faster than anything: a window that is tuned by the truth may be.",
    )


def seen_after(
    chance: np.random.Generator, known: float, drop: float, times: int
) -> dict[str, list[int]]:
    """Give the hours until a drop is seen, after a quiet fortnight."""
    found: dict[str, list[int]] = {}
    quiet = 336
    for _ in range(times):
        base = drawn(chance, BASE_HOURS)
        before, after = drawn(chance, quiet), drawn(chance, MOST, drop, quiet)
        traffic = Traffic(
            np.concatenate([before.passed, after.passed]),
            np.concatenate([before.total, after.total]),
        )
        for name, watch in watchers(base, known).items():
            if not name.startswith(("detector, by", f"last {WINDOW} hours, tuned")):
                continue
            hour = watch(traffic)
            late = MOST if hour is None or hour < quiet else hour - quiet + 1
            found.setdefault(name, []).append(late)
    return found


def live_looks(repeats: int, chance: np.random.Generator) -> Section:
    """How often an interval that is looked at all the time ever misses the truth."""
    rows = []
    some = max(50, repeats // 10)
    for n, p in ((1000, 0.9), (1000, 0.98)):
        missed = {"beta_binomial_cs": 0, "beta_binomial_cs, centred": 0, "wilson": 0}
        for _ in range(some):
            sums = np.cumsum(chance.random(n) < p)
            for name, interval in (
                ("beta_binomial_cs", beta_binomial_cs),
                ("beta_binomial_cs, centred", lambda s, m: beta_binomial_cs(s, m, centre=0.95)),
                ("wilson", wilson),
            ):
                missed[name] += any(
                    not (found := interval(int(sums[m - 1]), m)).low <= p <= found.high
                    for m in range(10, n + 1, 10)
                )
        shares = {name: number / some for name, number in missed.items()}
        rows.append(
            Row(
                f"{n} results, looked at after every ten, true rate {p:g}",
                {name: share for name, share in shares.items() if name != "wilson"},
                {"wilson at every look": shares["wilson"]},
                some,
                "at most 0.05",
            )
        )
    return Section(
        "A live rate that is looked at all the time", "share that ever misses", tuple(rows)
    )


SECTIONS = (live_looks, stable, delays)

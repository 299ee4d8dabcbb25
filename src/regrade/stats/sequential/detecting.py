"""When did a rate fall below what is tolerated: an e-detector on a clock of ticks.

Source: Shin, Ramdas, Rinaldo 2024, E-detectors: a nonparametric framework for sequential change detection, New
England Journal of Statistics in Data Science 2:229-260; the mixture of bets and the clock are our choice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

BETS: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
"""Parts of the largest bet: small ones see small drops, large ones see large drops soon."""
_MOST = 1e300
_NOTHING = (0.0,) * len(BETS)
_NEVER = (0,) * len(BETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one tick brought, of traces with one tolerated rate."""

    passed: int
    """Passes."""
    total: int
    """Observations."""
    tolerated: float
    """The rate at or above which nothing is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """The state of one detector."""

    evidence: tuple[float, ...] = _NOTHING
    """Of each bet, summed over every tick at which a drop may have begun."""
    best: tuple[float, ...] = _NOTHING
    """Logarithm of the largest of these sums' terms, a bet each."""
    since: tuple[int, ...] = _NEVER
    """The tick with which that term begins."""
    seen: int = 0
    """Observations since it was started."""
    tick: int = 0
    """The number of the last tick that it took."""

    @property
    def value(self) -> float:
        """The evidence for a drop: the mean over the bets. Where there is none it grows by one a tick at most
        on average.
        """
        return math.fsum(self.evidence) / len(BETS)

    @property
    def began(self) -> int:
        """The tick at which a drop began most likely."""
        best = max(range(len(BETS)), key=self.best.__getitem__)
        return self.since[best]


def step(detector: Detector, tick: int, tallies: Sequence[Tally], floor: float) -> Detector:
    """Take what one tick brought; ticks between, that brought nothing, are made up for.

    Shapes: `floor` is the lowest rate that is tolerated anywhere in what the detector watches, in (0, 1): all
    bets are on one scale.
    Guarantee: if no observation's chance to pass, given the past, is below what is tolerated for it, the mean
    number of ticks until `value` reaches A is at least A; whatever depends on whatever.
    Raises: ValueError for a tick that was taken, a floor outside (0, 1), or a tolerated rate below it.
    """
    if tick <= detector.tick:
        raise ValueError(f"the tick {tick} was taken; the last one is {detector.tick}")
    if not 0 < floor < 1 or any(each.tolerated < floor for each in tallies):
        raise ValueError(f"the floor {floor} is not the lowest tolerated rate in (0, 1)")
    waited = tick - detector.tick - 1 if detector.tick else 0
    counts = [(each.passed, each.total - each.passed, each.tolerated) for each in tallies]
    evidence, best, since = [], [], []
    for part, before, known, begun in zip(
        BETS, detector.evidence, detector.best, detector.since, strict=True
    ):
        bet, gained = part / (1 - floor), 0.0
        for passed, failed, tolerated in counts:
            gained += passed * math.log1p(bet * (tolerated - 1))
            gained += failed * math.log1p(bet * tolerated)
        evidence.append(min(_MOST, (1 + before + waited) * math.exp(min(gained, 600.0))))
        begins = known <= 0
        best.append(gained if begins else known + gained)
        since.append(tick if begins else begun)
    return Detector(
        evidence=tuple(evidence),
        best=tuple(best),
        since=tuple(since),
        seen=detector.seen + sum(passed + failed for passed, failed, _ in counts),
        tick=tick,
    )


def evidence_below(tallies: Sequence[Tally], floor: float) -> float:
    """Give the evidence that rates were below what is tolerated from the first observation on: an e-value at every
    look, so that many of them can be compared (`many.e_bh`), as evidence of a change cannot.

    Shapes and errors as `step`.
    """
    first = step(Detector(), 1, tallies, floor)
    return first.value


def restarted(detector: Detector) -> Detector:
    """Begin anew after an alarm."""
    return replace(detector, evidence=_NOTHING, best=_NOTHING, since=_NEVER, seen=0)


def mirrored(tallies: Sequence[Tally]) -> list[Tally]:
    """Turn failures into passes: a detector of these looks for a rise above what is tolerated."""
    return [
        Tally(passed=each.total - each.passed, total=each.total, tolerated=1 - each.tolerated)
        for each in tallies
    ]


def threshold(ticks: float, share: float) -> float:
    """Give the evidence at which a detector alarms, for one false alarm in so many ticks in all.

    Shapes: `share` is its part of the budget, in (0, 1]; parts add up to at most 1.
    Source: the sum of 1 / A_j bounds how often any of several detectors alarms, whatever depends on whatever.
    """
    if ticks <= 0 or not 0 < share <= 1:
        raise ValueError(f"{ticks} ticks and a share of {share} make no threshold")
    return ticks / share

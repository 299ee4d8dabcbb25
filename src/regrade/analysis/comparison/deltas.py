"""Differences of rates over paired cases, many at once, corrected for how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from regrade.domain import SMALLEST_CHANGE, Delta, Judgement
from regrade.stats import Interval, mcnemar_n
from regrade.stats.differences import paired_many, tango_bounds, verdict
from regrade.stats.exact import mcnemar_many, signflip_exact, stratified_exact
from regrade.stats.multiple import bh, can_reject, holm

from .pairing import Counts

ALPHA = 0.05
"""The error of a verdict, over all that is looked at together."""
FALSE_DISCOVERIES = 0.1
"""The share of false alarms among what is worth a look."""
FEWEST_CASES, FEWEST_CLUSTERS = 10, 5
"""Cases and clusters below which only counts are told of a slice."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One aspect of some cases in both runs."""

    before: Counts
    """The baseline's counts, one entry a case."""
    after: Counts
    """The candidate's."""
    clusters: np.ndarray | None = None
    """The cluster of each case; None where every case stands for itself."""

    def part(self, some: np.ndarray | Sequence[int]) -> "Cell":
        """Give the same for some of the cases: by their places, or by a mask."""
        mask = some if isinstance(some, np.ndarray) else np.array(some, dtype=np.intp)
        return Cell(
            Counts(self.before.passes[mask], self.before.trials[mask]),
            Counts(self.after.passes[mask], self.after.trials[mask]),
            None if self.clusters is None else self.clusters[mask],
        )

    @property
    def differences(self) -> np.ndarray:
        """Candidate minus baseline of each case, averaged over its trials; both runs judged it."""
        before, after = self.before, self.after
        return np.asarray(after.passes / after.trials - before.passes / before.trials)

    @property
    def groups(self) -> Sequence[int]:
        """The group of each case: its cluster, or itself."""
        return range(len(self.before.passes)) if self.clusters is None else self.clusters.tolist()

    def judged(self) -> "Cell":
        """Give the cases that both runs judged."""
        return self.part((self.before.trials > 0) & (self.after.trials > 0))


def deltas(
    cells: Sequence[Cell], margins: Sequence[float | None] | None = None, *, small: bool = True
) -> list[Delta]:
    """Estimate the differences of cells, and judge them together.

    Tests of cells that could not reject whatever came out cost the others nothing (Tarone); the
    rest is corrected by Holm. `small` has cells of few cases told by their counts alone.
    """
    judged = [cell.judged() for cell in cells]
    plain = [_is_plain(cell) for cell in judged]
    sorted_ = zip(judged, plain, strict=True)
    quick = iter(_plain([cell for cell, is_plain in sorted_ if is_plain]))
    slow = iter(
        _with_trials([c for c, is_plain in zip(judged, plain, strict=True) if not is_plain])
    )
    found = [next(quick) if is_plain else next(slow) for is_plain in plain]
    given = [None] * len(cells) if margins is None else [*margins]
    return _judged_together(
        [replace(d, margin=m) for d, m in zip(found, given, strict=True)], small=small
    )


def _is_plain(cell: Cell) -> bool:
    """Whether every case was tried once, and stands for itself."""
    once = bool((cell.before.trials == 1).all() and (cell.after.trials == 1).all())
    return once and cell.clusters is None


def _plain(cells: Sequence[Cell]) -> list[Delta]:
    """Compare cells of one trial a case: Tango's intervals and McNemar's tests, all at once."""
    if not cells:
        return []
    n = np.array([len(cell.before.passes) for cell in cells])
    a = np.array([cell.before.passes.sum() for cell in cells])
    b = np.array([cell.after.passes.sum() for cell in cells])
    wins = np.array([(cell.after.passes > cell.before.passes).sum() for cell in cells])
    losses = np.array([(cell.after.passes < cell.before.passes).sum() for cell in cells])
    z = np.full(len(cells), float(ndtri(1 - ALPHA / 2)))
    low, high = tango_bounds(wins, losses, n, z)
    _, midp = mcnemar_many(wins, losses)
    return [
        _delta(
            (float(a[at]), float(b[at])),
            int(n[at]),
            Interval(float(low[at]), float(high[at])),
            float(midp[at]),
            (int(wins[at]), int(losses[at])),
            method="tango_ci, mcnemar",
        )
        for at in range(len(cells))
    ]


def _with_trials(cells: Sequence[Cell]) -> list[Delta]:
    """Compare cells of several trials a case, or of clusters: the intervals of all at once."""
    tables = [(cell.differences, cell.groups) for cell in cells]
    return [
        _one_with_trials(cell, interval)
        for cell, interval in zip(cells, paired_many(tables, ALPHA), strict=True)
    ]


def _one_with_trials(cell: Cell, interval: Interval) -> Delta:
    n = len(cell.before.passes)
    if not n:
        return _delta((0.0, 0.0), 0, interval, 1.0, (0, 0), method="paired_ci")
    a, b = cell.before.passes / cell.before.trials, cell.after.passes / cell.after.trials
    d = cell.differences
    p, method = _test(cell)
    wins, losses = int((d > 0).sum()), int((d < 0).sum())
    found = _delta(
        (float(a.sum()), float(b.sum())),
        n,
        interval,
        p,
        (wins, losses),
        clusters=None if cell.clusters is None else len(np.unique(cell.clusters)),
        method=f"paired_ci, {method}",
    )
    return replace(found, spread=float(np.mean(d**2)))


def _test(cell: Cell) -> tuple[float, str]:
    """Test a cell: by clusters where there are some and both runs tried each case as often."""
    before, after = cell.before, cell.after
    if cell.clusters is not None and (before.trials == after.trials).all():
        _, index = np.unique(cell.clusters, return_inverse=True)
        sums = np.bincount(index, weights=after.passes - before.passes)
        return signflip_exact([int(each) for each in sums]).midp, "signflip_exact"
    columns = (before.passes, before.trials, after.passes, after.trials)
    return stratified_exact(*(each.tolist() for each in columns)).midp, "stratified_exact"


def _delta(
    sums: tuple[float, float],
    n: int,
    interval: Interval,
    p: float,
    moved: tuple[int, int],
    *,
    method: str,
    clusters: int | None = None,
) -> Delta:
    a, b = sums
    return Delta(
        baseline=a / n if n else None,
        candidate=b / n if n else None,
        delta=(b - a) / n if n else None,
        low=interval.low,
        high=interval.high,
        p=p if n else None,
        adjusted_p=p if n else None,
        verdict="not_enough_evidence",
        n=n,
        wins=moved[0],
        losses=moved[1],
        spread=(moved[0] + moved[1]) / n if n else 0.0,
        clusters=clusters,
        method=method,
    )


def _judged_together(found: Sequence[Delta], *, small: bool) -> list[Delta]:
    decides = [
        at
        for at, each in enumerate(found)
        if each.p is not None and not (small and _is_small(each))
    ]
    able = can_reject([found[at].wins + found[at].losses for at in decides], ALPHA)
    tested = [at for at, can in zip(decides, able, strict=True) if can]
    adjusted = dict(zip(tested, holm([found[at].p or 0.0 for at in tested]), strict=True))
    discoveries = dict(zip(decides, bh([found[at].p or 0.0 for at in decides]), strict=True))
    judged = []
    for at, each in enumerate(found):
        if at not in discoveries:
            judged.append(replace(each, low=None, high=None, adjusted_p=None))
            continue
        p = adjusted.get(at, 1.0)
        said = _verdict(each, p)
        judged.append(
            replace(
                each,
                adjusted_p=p,
                verdict=said,
                worth_a_look=discoveries[at] <= FALSE_DISCOVERIES,
                more=_more(each) if said == "not_enough_evidence" else None,
            )
        )
    return judged


def _is_small(delta: Delta) -> bool:
    return delta.n < FEWEST_CASES or (
        delta.clusters is not None and delta.clusters < FEWEST_CLUSTERS
    )


def _verdict(delta: Delta, p: float) -> Judgement:
    assert delta.low is not None, "only what has an interval is judged"
    assert delta.high is not None, "as above"
    return verdict(Interval(delta.low, delta.high), p, delta.margin, ALPHA)


def _more(delta: Delta) -> int | None:
    """Say about how many cases more would show a change of the margin, or of 2 points, at the
    discordance that was seen; None where there are enough. Never of the effect that was seen, which
    noise made.
    """
    change = delta.margin or SMALLEST_CHANGE
    needed = mcnemar_n(change, min(1.0, noise_in(delta) + change), ALPHA)
    return max(0, needed - delta.n) or None


def noise_in(delta: Delta) -> float:
    """Give the share of cases that differ beyond the difference of the rates; where cases were tried
    several times, what that share would be if it made as much noise.
    """
    return max(0.0, delta.spread - abs(delta.delta or 0.0))

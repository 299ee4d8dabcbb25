"""Several runs, ranked on the cases that all of them judged."""

from collections.abc import Sequence

import numpy as np

from regrade.domain import Estimate, RankedRun, Run
from regrade.stats.clustered import bounded_mean_ci
from regrade.stats.differences import paired_ci
from regrade.stats.multiple import holm

from .deltas import Cell, deltas
from .pairing import PASS, count, pair


def rank(runs: Sequence[Run]) -> tuple[RankedRun, ...]:
    """Rank runs by their pass rate, the best first; those that the cases do not tell apart from the
    best are marked.

    Every run is tested against the best on the same cases; the p-values are corrected by Holm.
    """
    keys = {*pair(runs[0], runs[0]).after}
    for run in runs[1:]:
        keys &= {*pair(run, run).after}
    counts = []
    order = sorted(keys)
    for run in runs:
        cases = pair(run, run).after
        places = {cases[key].id: at for at, key in enumerate(order)}
        counts.append(count(run.attempts, places, len(order))[PASS])
    judged = np.logical_and.reduce([each.trials > 0 for each in counts])
    rates = [(each.passes[judged] / each.trials[judged]).tolist() for each in counts]
    means = [float(np.mean(rate)) if rate else 0.0 for rate in rates]
    ranked = sorted(range(len(runs)), key=lambda at: -means[at])
    best = ranked[0]
    cells = [Cell(counts[best], counts[at]).part(judged) for at in ranked[1:]]
    tests = [each.p if each.p is not None else 1.0 for each in deltas(cells, small=False)]
    adjusted = dict(zip(ranked[1:], holm(tests), strict=True))
    found = []
    for at in ranked:
        differences = [a - b for a, b in zip(rates[at], rates[best], strict=True)]
        worse = at != best and adjusted[at] <= 0.05 and paired_ci(differences).high < 0
        interval = bounded_mean_ci(rates[at]) if rates[at] else None
        found.append(
            RankedRun(
                header=runs[at].header,
                pass_rate=Estimate(
                    means[at] if rates[at] else None,
                    interval.low if interval else 0.0,
                    interval.high if interval else 1.0,
                    len(rates[at]),
                    method="bounded_mean_ci",
                ),
                tied_with_best=not worse,
            )
        )
    return tuple(found)

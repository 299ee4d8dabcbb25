"""Bounds of a baseline: what is tolerated has to lie below the truth, or the promise of few false alarms is void."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

ALPHA = 0.05
"""The chance that a bound lies above the truth."""
SHRINK = 50.0
"""Observations that the rate of all cells counts for in each cell."""
_Cell = TypeVar("_Cell", bound=Hashable)


def lower_bound(passed: int, total: int, alpha: float = ALPHA) -> float:
    """Give the one-sided lower bound of a rate.

    Shapes: `passed` of `total`; nothing observed gives 0.
    Source: Clopper and Pearson 1934, Biometrika 26:404-413.
    """
    if not 0 <= passed <= total:
        raise ValueError(f"{passed} passes of {total} is impossible")
    if not passed:
        return 0.0
    from scipy.special import betaincinv  # noqa: PLC0415  as above

    return float(betaincinv(passed, total - passed + 1, alpha))


def cell_bounds(
    counts: Mapping[_Cell, tuple[int, int]], alpha: float = ALPHA
) -> dict[_Cell, float]:
    """Give lower bounds of the cells of a week or a day, each drawn towards the rate of all of them, so that cells
    with few observations are no guess.

    Shapes: passes and observations by cell.
    Source: the posterior of a Beta prior worth 50 observations at the rate of all (empirical Bayes; Efron and
    Morris 1975, Journal of the American Statistical Association 70:311-319).
    """
    passed = sum(p for p, _ in counts.values())
    total = sum(n for _, n in counts.values())
    rate = (passed + 0.5) / (total + 1)
    from scipy.special import betaincinv  # noqa: PLC0415  loads much, and only where a baseline is made

    known = np.array([*counts.values()], dtype=float).reshape(-1, 2)
    a = SHRINK * rate + known[:, 0]
    b = SHRINK * (1 - rate) + known[:, 1] - known[:, 0]
    return dict(zip(counts, betaincinv(a, b, alpha).tolist(), strict=True))

"""Several looks at once: what remains of a finding when many were looked at."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that the chance of any false finding stays below alpha, however they depend
    on each other.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65-70.
    """
    order = np.argsort(p, kind="stable")
    n = len(order)
    raised = np.asarray(p, dtype=float)[order] * (n - np.arange(n))
    return _in_place(np.minimum(np.maximum.accumulate(raised), 1.0) if n else raised, order)


def bh(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that the share of false findings among all stays below a level.

    Source: Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57:289-300.
    """
    return _step_up(p, 1.0)


def by(p: Sequence[float]) -> list[float]:
    """Adjust p-values as `bh` does, with a proof for any dependence, which costs a factor of about
    ln(n).

    Source: Benjamini and Yekutieli 2001, Annals of Statistics 29:1165-1188.
    """
    return _step_up(p, float(np.sum(1 / np.arange(1, len(p) + 1))) if len(p) else 1.0)


def _step_up(p: Sequence[float], factor: float) -> list[float]:
    order = np.argsort(p, kind="stable")
    n = len(order)
    if not n:
        return []
    raised = np.asarray(p, dtype=float)[order] * factor * n / np.arange(1, n + 1)
    return _in_place(np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0), order)


def _in_place(ordered: np.ndarray, order: np.ndarray) -> list[float]:
    found = np.empty(len(order))
    found[order] = ordered
    return found.tolist()


def tarone_k(discordant: Sequence[int], alpha: float = 0.05, *, sides: int = 2) -> int:
    """Give the number that alpha is to be divided by: only of the cells that could reject at all.

    Shapes: the discordant pairs of each cell; the smallest p-value that m of them can give is
    sides * 2^-m. Never below 1.
    Source: Tarone 1990, Biometrics 46:515-522.
    """
    least = np.sort([min(1.0, sides * 2.0**-m) for m in discordant])
    for k in range(1, len(least) + 1):
        if int(np.searchsorted(least, alpha / k, side="right")) <= k:
            return k
    return max(1, len(least))


def can_reject(discordant: Sequence[int], alpha: float = 0.05, *, sides: int = 2) -> list[bool]:
    """Say of each cell whether it could reject at alpha / `tarone_k`."""
    level = alpha / tarone_k(discordant, alpha, sides=sides)
    return [sides * 2.0**-m <= level for m in discordant]

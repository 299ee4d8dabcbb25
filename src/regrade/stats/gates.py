"""Gates that are asked again and again: how much error each may make, when to look, when to stop."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

BETS = (0.02, 0.05, 0.1, 0.2, 0.35, 0.49)
"""Stakes of an e-process; a fortune is their mean, and none can lose all of it."""
_GRID = 1500


def alpha_per_test(
    false_alarms_per_month: float, commits_per_month: float, gates: int = 1
) -> float:
    """Give each test its part of the false alarms that may come in a month, at most 0.5.

    Raises: ValueError unless all are positive.
    """
    if min(false_alarms_per_month, commits_per_month, gates) <= 0:
        raise ValueError("false alarms, commits and gates are all positive")
    return min(0.5, false_alarms_per_month / (commits_per_month * gates))


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """When to look, and what is enough at each look."""

    z: tuple[float, ...]
    """The boundary of the normal statistic at each look."""
    alpha: tuple[float, ...]
    """The one-sided p-value that decides at each look: 1 - Phi(z)."""


def group_sequential(
    info: Sequence[float],
    alpha_one_sided: float = 0.05,
    spending: Literal["obrien_fleming", "pocock"] = "obrien_fleming",
) -> GroupSequential:
    """Spend one error over several looks at growing data.

    Shapes: info is the share of the data at each look, rising, the last 1.
    Raises: ValueError for other shares.
    Source: Lan and DeMets 1983, Biometrika 70:659-663; boundaries by recursive integration
    (Armitage, McPherson and Rowe 1969).
    """
    shares = [float(each) for each in info]
    if not shares or shares != sorted({*shares}) or shares[0] <= 0 or abs(shares[-1] - 1) > 1e-9:
        raise ValueError(f"the shares are {shares}; they rise from above 0 to 1")
    spent = [_spent(share, alpha_one_sided, spending) for share in shares]
    bounds: list[float] = []
    grid, density = np.zeros(1), np.ones(1)
    before = 0.0
    for at, share in enumerate(shares):
        sd = math.sqrt(share - before)
        wanted = spent[at] - (spent[at - 1] if at else 0.0)
        bound = _boundary(grid, density, sd, wanted, 12 * math.sqrt(share))
        bounds.append(bound / math.sqrt(share))
        points = np.linspace(-10 * math.sqrt(share), bound, _GRID)
        kernel = np.exp(-(((points[:, None] - grid[None, :]) / sd) ** 2) / 2)
        reached = kernel @ density / (sd * math.sqrt(2 * math.pi))
        weights = np.full(_GRID, points[1] - points[0])
        weights[[0, -1]] /= 2
        grid, density, before = points, reached * weights, share
    z = tuple(bounds)
    return GroupSequential(z, tuple(float(ndtr(-each)) for each in z))


def _spent(share: float, alpha: float, spending: str) -> float:
    if spending == "pocock":
        return alpha * math.log(1 + (math.e - 1) * share)
    return float(2 * ndtr(ndtri(alpha / 2) / math.sqrt(share)))


def _boundary(
    grid: np.ndarray, density: np.ndarray, sd: float, wanted: float, widest: float
) -> float:
    low, high = -widest, widest
    for _ in range(80):
        middle = (low + high) / 2
        crossing = float(np.sum(density * ndtr(-(middle - grid) / sd)))
        low, high = (middle, high) if crossing > wanted else (low, middle)
    return (low + high) / 2


def curtail(passed: int, failed: int, total: int, need: int) -> Literal["pass", "fail", "open"]:
    """Say whether further results can still change if `need` of `total` pass.

    Raises: ValueError for counts above the total.
    """
    if passed + failed > total:
        raise ValueError(f"{passed} passes and {failed} failures are more than {total}")
    if passed >= need:
        return "pass"
    return "fail" if total - failed < need else "open"


def paired_eprocess(
    differences: Sequence[float],
    total: int,
    *,
    null: Literal["not_worse", "inferior"] = "not_worse",
    margin: float = 0.0,
    bets: Sequence[float] = BETS,
) -> list[float]:
    """Bet against a claim about a whole suite while its cases come in random order.

    Shapes: differences are candidate minus baseline in [-1, 1], in the order in which they came, of
    `total` cases in all. null: `not_worse` claims a mean of at least -margin, and a fortune of
    1/alpha at any time shows that the candidate is worse; `inferior` claims a mean of at most
    -margin, and such a fortune shows that it is not inferior. Gives the fortune after every case;
    infinite once the claim cannot be true any more. Valid at any stopping time only in an order that
    nothing about the results decided.
    Raises: ValueError for more differences than cases, or one outside [-1, 1].
    Source: Waudby-Smith and Ramdas 2020, arXiv:2010.09686, sampling without replacement; Ville 1939.
    """
    if len(differences) > total:
        raise ValueError(f"{len(differences)} differences of {total} cases")
    stakes = np.asarray(bets, dtype=float)
    logs = np.zeros(len(stakes))
    seen, certain = 0.0, False
    fortunes: list[float] = []
    for at, d in enumerate(differences):
        if not -1 <= d <= 1:
            raise ValueError(f"a difference is {d!r}; it lies in [-1, 1]")
        left = (-margin * total - seen) / (total - at)
        if null == "not_worse":
            gain, impossible = left - d, left > 1 + 1e-12
        else:
            gain, impossible = d - left, left < -1 - 1e-12
        certain = certain or impossible
        if -1 <= left <= 1:
            logs += np.log1p(stakes * gain)
        seen += d
        fortunes.append(math.inf if certain else float(np.exp(logs).mean()))
    return fortunes

"""Exact tests of two runs on the same cases: no sampling, no seed, the same answer every time."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, chdtrc, gammaln

from .intervals import normal_quantile


@dataclass(frozen=True, slots=True)
class McNemar:
    """What McNemar's test says of wins and losses, two-sided."""

    exact: float
    """Never above its level; what gates use."""
    midp: float
    """Nearer to its level; what reports show."""
    asymptotic: float
    """By the chi-squared distribution, without a correction of continuity."""


def mcnemar(wins: int, losses: int) -> McNemar:
    """Test whether two paired pass rates differ.

    Without a discordant pair every p-value is 1.
    Source: McNemar 1947; mid-p by Fagerland, Lydersen and Laake 2013, BMC Medical Research
    Methodology 13:91.
    """
    m = wins + losses
    if m == 0:
        return McNemar(1.0, 1.0, 1.0)
    exact, midp = (float(each[0]) for each in mcnemar_many([wins], [losses]))
    return McNemar(exact, midp, float(chdtrc(1, (wins - losses) ** 2 / m)))


def mcnemar_many(
    wins: Sequence[int] | np.ndarray, losses: Sequence[int] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the exact and the mid-p values of many tables at once."""
    w, x = np.asarray(wins, dtype=float), np.asarray(losses, dtype=float)
    m, least = w + x, np.minimum(w, x)
    exact = np.minimum(1.0, 2 * bdtr(least, m.astype(int), 0.5))
    pmf = np.exp(gammaln(m + 1) - gammaln(least + 1) - gammaln(m - least + 1) - m * math.log(2))
    midp = np.where(w == x, 1 - pmf / 2, exact - pmf)
    return np.where(m == 0, 1.0, exact), np.where(m == 0, 1.0, midp)


@dataclass(frozen=True, slots=True)
class Exact:
    """What an exact test says."""

    p: float
    """Two-sided: twice the smaller tail, at most 1."""
    midp: float
    """Two-sided, with half of the observed outcome's probability."""
    p_less: float = 1.0
    """One-sided: how likely B does as badly as this, or worse, when nothing changed."""
    cmh_chi2: float = 0.0
    """The statistic of Cochran, Mantel and Haenszel, without a correction of continuity."""


def stratified_exact(
    passes_a: Sequence[int],
    trials_a: Sequence[int],
    passes_b: Sequence[int],
    trials_b: Sequence[int],
) -> Exact:
    """Test whether B passes as often as A on these very cases.

    Shapes: one entry a case; the numbers of trials may differ. Given a case's passes in both runs
    together, those of B are hypergeometric when nothing changed; the sum over cases is convolved
    exactly. With one trial each it is the exact McNemar test.
    Raises: ValueError for unequal lengths or impossible counts.
    Source: Cochran 1954, Mantel and Haenszel 1959; Fagerland et al. 2013 for mid-p.
    """
    columns = [np.asarray(each, dtype=int) for each in (passes_a, trials_a, passes_b, trials_b)]
    a, na, b, nb = columns
    if len({len(each) for each in columns}) != 1:
        raise ValueError("the four lists need one entry a case")
    if (a < 0).any() or (b < 0).any() or (a > na).any() or (b > nb).any():
        raise ValueError("a case has more passes than trials, or fewer than none")
    total, n = a + b, na + nb
    decides = (total > 0) & (total < n) & (na > 0) & (nb > 0)
    strata = Counter(zip(*(each[decides].tolist() for each in (total, n, nb)), strict=True))
    if not strata:
        return Exact(1.0, 1.0)
    distribution, offset = np.ones(1), 0
    for (passes, size, of_b), number in strata.items():
        first, pmf = _hypergeometric(passes, size, of_b)
        distribution = np.convolve(distribution, _power(pmf, number))
        offset += number * first
    observed = int(b[decides].sum()) - offset
    less, more = (float(part.sum()) for part in (distribution[: observed + 1], distribution[observed:]))  # fmt: skip
    pmf_here = float(distribution[observed])
    p = min(1.0, 2 * min(less, more))
    midp = 1 - pmf_here / 2 if p == 1.0 else p - pmf_here
    mean = float(np.sum(total[decides] * nb[decides] / n[decides]))
    t, size, of_b = (each[decides].astype(float) for each in (total, n, nb))
    variance = float(np.sum(of_b * t * (size - of_b) * (size - t) / (size**2 * (size - 1))))
    chi2 = (float(b[decides].sum()) - mean) ** 2 / variance if variance else 0.0
    return Exact(p, midp, min(1.0, less), chi2)


def _hypergeometric(passes: int, size: int, of_b: int) -> tuple[int, np.ndarray]:
    """The distribution of B's passes among all, from its least value on."""
    first, last = max(0, of_b - (size - passes)), min(of_b, passes)
    weights = [
        math.comb(passes, k) * math.comb(size - passes, of_b - k) for k in range(first, last + 1)
    ]
    return first, np.array([weight / math.comb(size, of_b) for weight in weights])


def _power(pmf: np.ndarray, number: int) -> np.ndarray:
    """Convolve a distribution with itself so many times."""
    found, square = np.ones(1), pmf
    while number:
        if number & 1:
            found = np.convolve(found, square)
        number >>= 1
        if number:
            square = np.convolve(square, square)
    return found


def signflip_exact(sums: Sequence[int]) -> Exact:
    """Test whether differences of clusters, or of cases, are as likely to be positive as negative.

    Shapes: for every cluster the sum of B - A over its cases and trials, whole numbers; both runs
    need as many trials. Says something of cases like these, where `stratified_exact` speaks of these
    very cases.
    Source: Fisher 1935 (randomisation of signs), by dynamic programming over the sum.
    """
    sizes = Counter(abs(each) for each in sums if each)
    if not sizes:
        return Exact(1.0, 1.0)
    distribution = np.ones(1)
    for size, number in sizes.items():
        step = np.zeros(2 * size + 1)
        step[[0, -1]] = 0.5
        distribution = np.convolve(distribution, _power(step, number))
    middle = len(distribution) // 2
    observed = sum(sums)
    tail = float(distribution[middle + abs(observed) :].sum())
    here = float(distribution[middle + abs(observed)])
    p = min(1.0, 2 * tail)
    less = float(distribution[: middle + observed + 1].sum())
    midp = 1 - here / 2 if observed == 0 else p - here
    return Exact(p, midp, min(1.0, less))


def mcnemar_power_exact(
    n: int, delta: float, psi: float, alpha: float = 0.05, kind: str = "exact"
) -> float:
    """Give the chance that McNemar's test sees a difference, summed over every outcome.

    Shapes: n pairs, of which a share psi differs, either way; delta is the difference of the rates,
    |delta| <= psi. kind: `exact` or `midp` (two-sided), or `less` (exact, one-sided, for a drop).
    Raises: ValueError for impossible rates or another kind.
    """
    if not abs(delta) <= psi <= 1:
        raise ValueError(f"a difference of {delta!r} with a discordance of {psi!r} is impossible")
    if kind not in ("exact", "midp", "less"):
        raise ValueError(f"the kind is {kind!r}; it is exact, midp or less")
    if psi == 0:
        return 0.0
    share = (psi + delta) / 2 / psi
    total = 0.0
    for m in range(1, n + 1):
        chance = _binomial(n, psi, m)
        if chance < 1e-14:
            continue
        wins = np.arange(m + 1)
        if kind == "less":
            rejected = bdtr(wins, m, 0.5) <= alpha
        else:
            exact, midp = mcnemar_many(wins, m - wins)
            rejected = (exact if kind == "exact" else midp) <= alpha
        total += chance * float(np.sum(_binomials(m, share)[rejected]))
    return total


def _binomial(n: int, p: float, k: int) -> float:
    if p in (0.0, 1.0):
        return float(k == n * p)
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * math.log(p)
    return float(np.exp(log + (n - k) * math.log1p(-p)))


def _binomials(n: int, p: float) -> np.ndarray:
    return np.array([_binomial(n, p, k) for k in range(n + 1)])


def n_required_paired(d_sd: float, delta: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Give the number of cases that see a mean difference of delta, two-sided.

    Shapes: d_sd is the standard deviation of a case's difference, in the unit of delta.
    Raises: ValueError for a difference of 0.
    """
    if delta == 0:
        raise ValueError("no number of cases sees a difference of 0")
    z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
    return max(2, math.ceil((z * d_sd / delta) ** 2))

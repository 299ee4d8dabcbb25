"""Rates that a judge gives, corrected by what people say: and whether the judge is worth it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc, betaincinv, ndtri, stdtrit

from regrade.stats.exact import mcnemar
from regrade.stats.intervals import Interval, wilson


@dataclass(frozen=True, slots=True)
class Corrected:
    """An estimate of what people would say."""

    value: float
    """The estimate."""
    interval: Interval
    """Its interval, with the noise of the labels in it."""


def calibrated_rate(
    pass_judgepass: int,
    labelled_judgepass: int,
    pass_judgefail: int,
    labelled_judgefail: int,
    judged_pass: int,
    judged_fail: int,
    alpha: float = 0.05,
) -> Corrected:
    """Estimate the rate that people would give, from a judge's verdicts on everything and people's on
    some of it.

    Shapes: of `judged_pass` items that the judge passed, `labelled_judgepass` were labelled and people
    passed `pass_judgepass` of them; the same for those it failed. Labels need to be random within each
    verdict alone, so that failures may be labelled more often.
    Edges: nothing judged gives [0, 1]; a verdict without labels leaves its part between 0 and 1.
    Raises: ValueError for impossible counts.
    Source: rates of the two verdicts weighted by how often each came (chain rule), Jeffreys' priors,
    exact first two moments, a beta distribution with those; as Hofer et al. 2024, arXiv:2405.06034.
    """
    labelled = (pass_judgepass, labelled_judgepass, pass_judgefail, labelled_judgefail)
    counts = (*labelled, judged_pass, judged_fail)
    possible = pass_judgepass <= labelled_judgepass <= judged_pass
    if min(counts) < 0 or not possible or not pass_judgefail <= labelled_judgefail <= judged_fail:
        raise ValueError(f"{counts} are no counts of verdicts and of labels among them")
    n = judged_pass + judged_fail
    if not n:
        return Corrected(0.5, Interval(0.0, 1.0))
    w = _beta(judged_pass + 0.5, judged_fail + 0.5)
    q1 = _beta(pass_judgepass + 0.5, labelled_judgepass - pass_judgepass + 0.5)
    q0 = _beta(pass_judgefail + 0.5, labelled_judgefail - pass_judgefail + 0.5)
    mean = w[0] * q1[0] + (1 - w[0]) * q0[0]
    second = w[1] * q1[1] + (1 - 2 * w[0] + w[1]) * q0[1] + 2 * (w[0] - w[1]) * q1[0] * q0[0]
    variance = max(second - mean**2, 1e-12)
    size = mean * (1 - mean) / variance - 1
    a, b = mean * size, (1 - mean) * size
    low, high = (float(betaincinv(a, b, q)) for q in (alpha / 2, 1 - alpha / 2))
    return Corrected(mean, Interval(low, high))


def _beta(a: float, b: float) -> tuple[float, float]:
    """The mean and the second moment of a beta distribution."""
    mean = a / (a + b)
    return mean, mean * (a + 1) / (a + b + 1)


def rogan_gladen_point(
    judge_pass: int, n: int, tp: int, pos: int, tn: int, neg: int
) -> float | None:
    """Give the rate by a judge's sensitivity and specificity from another labelled set.

    Shapes: the judge passed `judge_pass` of n; in the other set it passed tp of `pos` that people
    passed, and failed tn of `neg` that people failed. None where the judge tells nothing apart.
    Source: Rogan and Gladen 1978, American Journal of Epidemiology 107:71-76.
    """
    youden = tp / pos + tn / neg - 1
    if youden <= 0:
        return None
    return min(1.0, max(0.0, (judge_pass / n + tn / neg - 1) / youden))


def rogan_gladen_ci(
    judge_pass: int, n: int, tp: int, pos: int, tn: int, neg: int, alpha: float = 0.05
) -> Interval:
    """Estimate the same with an interval; [0, 1] where the judge tells nothing apart.

    Source: Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13-22.
    """
    z = float(ndtri(1 - alpha / 2))
    size = n + z**2
    rate = (judge_pass + z**2 / 2) / size
    se, sp = (tp + 1) / (pos + 2), (tn + 1) / (neg + 2)
    youden = se + sp - 1
    if youden <= 0:
        return Interval(0.0, 1.0)
    p = (rate + sp - 1) / youden
    spread = math.sqrt(
        rate * (1 - rate) / size
        + p**2 * se * (1 - se) / (pos + 2)
        + (1 - p) ** 2 * sp * (1 - sp) / (neg + 2)
    )
    shift = 2 * z**2 * (p * se * (1 - se) / (pos + 2) - (1 - p) * sp * (1 - sp) / (neg + 2))
    half = z * spread / youden
    return Interval(min(1.0, max(0.0, p + shift - half)), min(1.0, max(0.0, p + shift + half)))


def ppi_mean(
    labels: Sequence[float],
    judged: Sequence[float],
    judged_unlabelled: Sequence[float],
    alpha: float = 0.05,
    weight: float | None = None,
) -> Corrected:
    """Estimate a mean, such as of scores, from a judge's values everywhere and people's on some items.

    Shapes: labels[i] and judged[i] are of the same item. `weight` is how far the judge is trusted;
    left out, as far as it helps. With few labels the quantile is Student's.
    Raises: ValueError for fewer than three labels or unequal lengths.
    Source: Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453 (PPI++).
    """
    y, f, rest = (np.asarray(each, dtype=float) for each in (labels, judged, judged_unlabelled))
    n, m = len(y), len(rest)
    if n != len(f) or n < 3:
        raise ValueError(f"{n} labels and {len(f)} values of the judge; three pairs are the least")
    if m < 2:
        weight = 0.0
    if weight is None:
        spread = float(np.var(np.concatenate([f, rest]), ddof=1))
        shared = float(np.cov(y, f)[0, 1])
        weight = 0.0 if not spread else min(1.0, max(0.0, shared / ((1 + n / m) * spread)))
    rectified = y - weight * f
    mean = float(rectified.mean()) + (weight * float(rest.mean()) if m else 0.0)
    variance = float(rectified.var(ddof=2 if weight else 1)) / n
    variance += weight**2 * float(rest.var(ddof=1)) / m if m > 1 else 0.0
    half = float(stdtrit(n - (2 if weight else 1), 1 - alpha / 2)) * math.sqrt(variance)
    return Corrected(mean, Interval(mean - half, mean + half))


def labels_needed(
    p: float, rho: float, half_width: float, total: int | None = None, alpha: float = 0.05
) -> int:
    """Give how many labels give an interval of ± half_width, with a judge that correlates by rho.

    Shapes: p is the rate that is expected; `total` is how many items there are, where few.
    Raises: ValueError outside (0, 1).
    Source: the variance of the verdict-stratified estimator, p(1-p)(1-rho²)/n.
    """
    if not 0 < p < 1 or not 0 < half_width < 1 or not -1 <= rho <= 1:
        raise ValueError("p and half_width lie between 0 and 1, and rho between -1 and 1")
    z = float(ndtri(1 - alpha / 2))
    n = p * (1 - p) * (1 - rho**2) / (half_width / z) ** 2
    if total is not None:
        n = n / (1 + n / total)
    return max(1, math.ceil(n))


def judge_beats_constant(tp: int, fp: int, fn: int, tn: int) -> float:
    """Test whether a judge is right more often than always saying the commoner thing; one-sided.

    Shapes: counts against people, a pass being positive: tp both pass, fp the judge alone, fn people
    alone, tn neither.
    Source: exact sign test of the items on which the judge and the constant differ.
    """
    better, worse = (tn, fn) if tp + fn >= fp + tn else (tp, fp)
    n = better + worse
    return 1.0 if not n or not better else float(bdtrc(better - 1, n, 0.5))


def correlation(tp: int, fp: int, fn: int, tn: int) -> float:
    """Give the correlation of a judge's verdicts with people's; 0 where one of them never differs.

    Source: Matthews 1975 (phi).
    """
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else 0.0


@dataclass(frozen=True, slots=True)
class Savings:
    """What a judge saves of people's labels."""

    factor: float
    """How many times fewer labels give the same interval; infinite for a perfect judge."""
    rho2: float
    """The square of its correlation with people."""
    rho2_low: float
    """The lower end of a one-sided 95 % interval of it."""


def label_savings(
    tp: int, fp: int, fn: int, tn: int, *, seed: int = 0, draws: int = 2000
) -> Savings:
    """Estimate how many labels a judge saves.

    A judge that is no better than what it judges saves no more than half: rho² surely above 1/2 shows
    that it is stronger, on these items.
    Source: Dorner, Nastl and Hardt 2025, arXiv:2410.13341; percentile bootstrap.
    """
    n = tp + fp + fn + tn
    rho2 = correlation(tp, fp, fn, tn) ** 2
    factor = math.inf if rho2 >= 1 else 1 / (1 - rho2)
    if not n:
        return Savings(1.0, 0.0, 0.0)
    drawn = np.random.default_rng(seed).multinomial(n, np.array([tp, fp, fn, tn]) / n, draws)
    low = float(np.quantile([correlation(*map(int, each)) ** 2 for each in drawn], 0.05))
    return Savings(factor, rho2, low)


@dataclass(frozen=True, slots=True)
class PositionBias:
    """What the order does to a judge of pairs."""

    consistency: float
    """The share of pairs with the same winner in both orders."""
    interval: Interval
    """Its interval."""
    first: int
    """Flipped pairs in which the first place won both times."""
    second: int
    """Those in which the second place did."""
    p: float
    """Two-sided: how likely that is where no place is preferred."""


def position_bias(pairs: Sequence[tuple[str, str]], alpha: float = 0.05) -> PositionBias:
    """Estimate what the order does: pairs[i] is the place that won, `first`, `second` or `tie`, in
    one order and in the other.

    Source: exact binomial test of the flipped pairs without a tie.
    """
    turned = {"first": "second", "second": "first", "tie": "tie"}
    same = sum(turned[there] == back for there, back in pairs)
    first = sum(pair == ("first", "first") for pair in pairs)
    second = sum(pair == ("second", "second") for pair in pairs)
    share = same / len(pairs) if pairs else 1.0
    interval = wilson(same, len(pairs), alpha)
    return PositionBias(share, interval, first, second, mcnemar(first, second).exact)


@dataclass(frozen=True, slots=True)
class BiasGap:
    """How much more a judge favours one group than another, beside what people say."""

    gap: float
    """The judge's bias in the group minus that in the others, both against people."""
    interval: Interval
    """Its interval."""


def judge_bias_gap(
    judge_own: Sequence[float],
    human_own: Sequence[float],
    judge_other: Sequence[float],
    human_other: Sequence[float],
    alpha: float = 0.05,
) -> BiasGap:
    """Estimate whether a judge favours a group, answers of its own family or long ones, among answers of
    which people say the same: that the group is better is no bias.

    Shapes: judge_own[i] and human_own[i] are of one answer of the group, from 0 to 1; people's values
    are few, such as 0 and 1.
    Edges: where people say nothing of two answers on either side, [-2, 2].
    Source: differences within each value of people's, weighted as Mantel and Haenszel 1959 weight
    tables; Welch 1947 for their interval, no cell with less variance than half an answer more gives.
    """
    own, other = (
        (np.asarray(judge, dtype=float), np.asarray(human, dtype=float))
        for judge, human in ((judge_own, human_own), (judge_other, human_other))
    )
    gaps, weights, parts = [], [], []
    for value in np.unique(np.concatenate([own[1], other[1]])):
        cells = [judge[human == value] for judge, human in (own, other)]
        sizes = [len(cell) for cell in cells]
        if min(sizes) < 2:
            continue
        gaps.append(float(cells[0].mean() - cells[1].mean()))
        weights.append(sizes[0] * sizes[1] / sum(sizes))
        parts.append([(_spread(cell) / len(cell), len(cell) - 1) for cell in cells])
    if not gaps:
        return BiasGap(0.0, Interval(-2.0, 2.0))
    share = np.asarray(weights) / sum(weights)
    gap = float(np.dot(share, gaps))
    terms = [
        (float(weight) ** 2 * part, df)
        for weight, pair in zip(share, parts, strict=True)
        for part, df in pair
    ]
    variance = sum(part for part, _ in terms)
    df = variance**2 / sum(part**2 / df for part, df in terms)
    half = float(stdtrit(df, 1 - alpha / 2)) * math.sqrt(variance)
    return BiasGap(gap, Interval(gap - half, gap + half))


def _spread(cell: np.ndarray) -> float:
    """The variance of values from 0 to 1, and not less than one more answer, half right, would give."""
    share = (float(cell.sum()) + 0.5) / (len(cell) + 1)
    return max(float(cell.var(ddof=1)), share * (1 - share))

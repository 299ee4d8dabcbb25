"""Coverage: how often a 95 % interval holds the truth."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from regrade.stats import Interval, quantile_ci, wilson
from regrade.stats.attribution import lmdi, lmdi_ci
from regrade.stats.clustered import bounded_mean_ci
from regrade.stats.differences import (
    log_ratio_ci,
    paired_ci,
    ratio_of_means_ci,
    ratio_of_medians_ci,
    ratio_of_quantiles_ci,
    tango_ci,
)
from regrade.stats.more_intervals import (
    bayes_uniform,
    bca_ci,
    clopper_pearson,
    empirical_bernstein_ci,
    jeffreys,
    t_ci,
)

from .rows import Row, Section

Z = 1.959963984540054
RATES = {
    "wilson": wilson,
    "clopper_pearson": clopper_pearson,
    "jeffreys": jeffreys,
    "bayes_uniform": bayes_uniform,
}
"""Intervals of independent pass rates."""


def wald(passes: float, n: float) -> Interval:
    """The normal approximation: p ± 1.96 standard errors."""
    p = passes / n
    half = Z * math.sqrt(p * (1 - p) / n)
    return Interval(p - half, p + half)


def exact_coverage(method: Callable[[int, int], Interval], n: int, p: float) -> float:
    """Coverage by adding up the probabilities of all outcomes."""
    total = 0.0
    for x in range(n + 1):
        low, high = method(x, n)
        if low <= p <= high:
            total += math.exp(
                math.lgamma(n + 1)
                - math.lgamma(x + 1)
                - math.lgamma(n - x + 1)
                + x * math.log(p)
                + (n - x) * math.log1p(-p)
            )
    return total


def rates(_repeats: int, _chance: np.random.Generator) -> Section:
    """Independent pass rates, by enumeration."""
    rows = [
        Row(
            f"{n} cases, true rate {p:g}",
            {name: exact_coverage(method, n, p) for name, method in RATES.items()},
            {"normal approximation": exact_coverage(wald, n, p)},
            None,
            "0.95",
        )
        for n, p in ((20, 0.9), (20, 0.95), (50, 0.95), (50, 0.99), (100, 0.99), (200, 0.95))
    ]
    return Section("Pass rates of independent cases", "coverage, exact", tuple(rows))


def beta_rates(chance: np.random.Generator, mean: float, icc: float, size: int) -> np.ndarray:
    """Rates of clusters whose members correlate by `icc`."""
    if icc == 0:
        return np.full(size, mean)
    total = 1 / icc - 1
    return chance.beta(mean * total, (1 - mean) * total, size)


def clusters(repeats: int, chance: np.random.Generator) -> Section:
    """Trials of a case, and cases of one document."""
    rows = []
    for groups, size, icc, mean in (
        (20, 5, 0.3, 0.9),
        (15, 4, 0.3, 0.95),
        (50, 5, 0.6, 0.9),
        (10, 5, 0.3, 0.9),
    ):
        names = np.repeat(np.arange(groups), size).tolist()
        hits = np.zeros(2)
        for _ in range(repeats):
            passes = chance.random((groups, size)) < beta_rates(chance, mean, icc, groups)[:, None]
            values = passes.astype(float).ravel()
            hits += [
                holds(bounded_mean_ci(values.tolist(), names), mean),
                holds(wilson(float(values.sum()), len(values)), mean),
            ]
        label = f"{groups} clusters of {size}, correlation {icc:g}, rate {mean:g}"
        rows.append(
            Row(
                label,
                {"bounded_mean_ci": hits[0] / repeats},
                {"wilson as if independent": hits[1] / repeats},
                repeats,
                "0.95",
            )
        )
    return Section("Trials and clusters", "coverage", tuple(rows))


def scores(repeats: int, chance: np.random.Generator) -> Section:
    """Scores from 1 to 5."""
    rows = []
    for n, shares in (
        (20, (0, 0, 0.05, 0.15, 0.8)),
        (20, (0.05, 0.1, 0.2, 0.4, 0.25)),
        (50, (0.02, 0.02, 0.06, 0.1, 0.8)),
    ):
        truth = float(np.dot(shares, range(1, 6)))
        hits: dict[str, int] = dict.fromkeys(
            ("bounded_mean_ci", "empirical_bernstein_ci", "t_ci", "bca_ci", "percentile bootstrap"),
            0,
        )
        few = max(200, repeats // 5)
        for at in range(repeats):
            values = chance.choice(np.arange(1.0, 6.0), n, p=shares)
            listed = values.tolist()
            hits["bounded_mean_ci"] += holds(bounded_mean_ci(listed, low=1, high=5), truth)
            bern = empirical_bernstein_ci(((values - 1) / 4).tolist())
            hits["empirical_bernstein_ci"] += holds(bern, (truth - 1) / 4)
            hits["t_ci"] += holds(t_ci(listed), truth)
            if at < few:
                if values.min() < values.max():
                    hits["bca_ci"] += holds(bca_ci(listed, seed=at, draws=400), truth)
                hits["percentile bootstrap"] += holds(_bootstrap(values, chance), truth)
        ours = {
            name: hits[name] / repeats for name in ("bounded_mean_ci", "empirical_bernstein_ci")
        }
        naive = {"t_ci": hits["t_ci"] / repeats} | {
            name: hits[name] / few for name in ("bca_ci", "percentile bootstrap")
        }
        rows.append(Row(f"{n} scores, {shares[-1]:.0%} fives", ours, naive, few, "0.95"))
    note = (
        "`empirical_bernstein_ci` is valid and several times as wide; the others forget how little few values "
        "can show."
    )
    return Section("Means of scores from 1 to 5", "coverage", tuple(rows), note)


def _bootstrap(values: np.ndarray, chance: np.random.Generator) -> Interval:
    means = chance.choice(values, (400, len(values))).mean(axis=1)
    return Interval(*np.quantile(means, (0.025, 0.975)).tolist())


def operations(repeats: int, chance: np.random.Generator) -> Section:
    """Latency and cost of one run."""
    rows = []
    for n, q in ((100, 0.95), (300, 0.95), (500, 0.99)):
        truth = math.exp(0.6 * {0.95: 1.6448536, 0.99: 2.3263479}[q])
        ours = naive = 0
        few = max(200, repeats // 5)
        for at in range(repeats):
            values = chance.lognormal(0, 0.6, n)
            ours += holds(quantile_ci(values.tolist(), q), truth)
            if at < few:
                drawn = np.quantile(chance.choice(values, (400, n)), q, axis=1)
                naive += holds(Interval(*np.quantile(drawn, (0.025, 0.975)).tolist()), truth)
        rows.append(
            Row(
                f"p{100 * q:.0f} of {n} latencies",
                {"quantile_ci": ours / repeats},
                {"percentile bootstrap": naive / few},
                few,
                "0.95",
            )
        )
    hits = np.zeros(2)
    truth = math.exp(0.5 * 0.6**2)
    for _ in range(repeats):
        values = chance.lognormal(0, 0.6, 50)
        half = Z * values.std() / math.sqrt(50)
        normal = Interval(values.mean() - half, values.mean() + half)
        hits += [holds(t_ci(values.tolist()), truth), holds(normal, truth)]
    rows.append(
        Row(
            "mean of 50 costs",
            {"t_ci": hits[0] / repeats},
            {"normal approximation": hits[1] / repeats},
            repeats,
            "0.95",
        )
    )
    return Section("Latency and cost of one run", "coverage", tuple(rows))


def differences(repeats: int, chance: np.random.Generator) -> Section:
    """Differences of two pass rates on the same cases."""
    rows = []
    for n, win, loss in ((50, 0.05, 0.05), (50, 0.02, 0.1), (200, 0.03, 0.03)):
        hits = np.zeros(2)
        for _ in range(repeats):
            w, m = (int(each) for each in chance.multinomial(n, (win, loss, 1 - win - loss))[:2])
            hits += [
                holds(tango_ci(w, m, n), win - loss),
                holds(_paired_wald(w, m, n), win - loss),
            ]
        rows.append(
            Row(
                f"{n} cases, {win:.0%} get better, {loss:.0%} worse",
                {"tango_ci": hits[0] / repeats},
                {"normal approximation": hits[1] / repeats},
                repeats,
                "0.95",
            )
        )
    for groups, size, trials in ((20, 5, 1), (20, 5, 3), (50, 1, 5)):
        names = np.repeat(np.arange(groups), size).tolist()
        hits = np.zeros(2)
        for _ in range(repeats):
            shift = chance.normal(0, 0.5, groups)[:, None]
            base = chance.normal(1.5, 0.8, (groups, size))
            p = 1 / (1 + np.exp(-np.stack((base, base + shift))))
            before, after = chance.binomial(trials, p) / trials
            truth = _mean_shift
            d = (after - before).ravel().tolist()
            hits += [holds(paired_ci(d, clusters=names), truth), holds(t_ci(d), truth)]
        of = f"{groups} clusters of {size}" if size > 1 else f"{groups} cases"
        rows.append(
            Row(
                f"{of}, {trials} trial{'s' if trials > 1 else ''}",
                {"paired_ci": hits[0] / repeats},
                {"t interval of the cases": hits[1] / repeats},
                repeats,
                "0.95",
            )
        )
    return Section("Differences on the same cases", "coverage", tuple(rows))


def _expected_shift() -> float:
    """The mean difference in the clustered simulation above, by numerical integration."""
    chance = np.random.default_rng(0)
    base, shift = chance.normal(1.5, 0.8, 4_000_000), chance.normal(0, 0.5, 4_000_000)
    return float((1 / (1 + np.exp(-base - shift)) - 1 / (1 + np.exp(-base))).mean())


_mean_shift = _expected_shift()


def _paired_wald(w: int, m: int, n: int) -> Interval:
    d = (w - m) / n
    half = Z * math.sqrt(max(w + m - (w - m) ** 2 / n, 0)) / n
    return Interval(d - half, d + half)


def ratios(repeats: int, chance: np.random.Generator) -> Section:
    """Ratios of latency and cost of two runs."""
    few = max(200, repeats // 10)
    methods: Mapping[str, Callable[[Sequence[float], Sequence[float]], tuple[float, Interval]]] = {
        "log_ratio_ci": log_ratio_ci,
        "ratio_of_means_ci": ratio_of_means_ci,
        "ratio_of_medians_ci": lambda a, b: ratio_of_medians_ci(a, b, seed=1),
        "ratio_of_quantiles_ci (p95)": lambda a, b: ratio_of_quantiles_ci(
            a, b, 0.95, seed=1, draws=400
        ),
    }
    rows = []
    for n in (50, 200):
        hits = dict.fromkeys((*methods, "unpaired t on logs"), 0)
        wide = dict.fromkeys(hits, 0.0)
        for _ in range(few):
            own = chance.normal(0, 0.6, n)
            a = np.exp(own + chance.normal(0, 0.2, n)).tolist()
            b = np.exp(own + math.log(1.1) + chance.normal(0, 0.2, n)).tolist()
            for name, method in methods.items():
                interval = method(a, b)[1]
                hits[name] += holds(interval, 1.1)
                wide[name] += interval.high - interval.low
            logs = np.log(a), np.log(b)
            half = Z * math.sqrt(sum(each.var(ddof=1) for each in logs) / n)
            middle = logs[1].mean() - logs[0].mean()
            unpaired = Interval(math.exp(middle - half), math.exp(middle + half))
            hits["unpaired t on logs"] += holds(unpaired, 1.1)
            wide["unpaired t on logs"] += unpaired.high - unpaired.low
        shown = {f"{name}, width {wide[name] / few:.2f}": hits[name] / few for name in hits}
        rows.append(
            Row(
                f"{n} cases, 1.1 times as slow",
                {name: share for name, share in shown.items() if not name.startswith("unpaired")},
                {name: share for name, share in shown.items() if name.startswith("unpaired")},
                few,
                "0.95",
            )
        )
    note = (
        "What is not paired covers as well, and is several times as wide; the ratio of p95 needs 200 pairs and "
        "more."
    )
    return Section("Ratios of two runs", "coverage and mean width", tuple(rows), note)


def attribution(repeats: int, chance: np.random.Generator) -> Section:
    """What each component did by itself."""
    components = ["retrieval", "generation"]
    before, after = {"retrieval": 0.05, "generation": 0.1}, {"retrieval": 0.15, "generation": 0.1}
    truth = lmdi(before, after)
    few = max(100, repeats // 20)
    hits = dict.fromkeys(components, 0)
    for seed in range(few):
        first = [[_first(chance, side, components) for _ in range(300)] for side in (before, after)]
        for name, interval in lmdi_ci(first[0], first[1], components, seed=seed, draws=400).items():
            hits[name] += interval is not None and holds(interval, truth[name])
    rows = [
        Row(f"effect of {name}, 300 cases", {"lmdi_ci": hits[name] / few}, {}, few, "0.95")
        for name in components
    ]
    return Section("Shares of components in a change", "coverage", tuple(rows))


def _first(
    chance: np.random.Generator, hazard: Mapping[str, float], components: Sequence[str]
) -> str | None:
    return next((name for name in components if chance.random() < hazard[name]), None)


def holds(interval: Interval, truth: float) -> bool:
    """Whether an interval holds the truth."""
    return interval.low <= truth <= interval.high


SECTIONS = (rates, clusters, scores, operations, differences, ratios, attribution)
"""Every simulation of intervals."""

"""The plots: coverage over the true rate, and what looking often does to a gate."""

from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from regrade.stats import wilson
from regrade.stats.differences import tango_bounds
from regrade.stats.exact import mcnemar
from regrade.stats.gates import paired_eprocess
from regrade.stats.people.judges import calibrated_rate

from . import watching
from .coverage import RATES, Z, exact_coverage, wald
from .people import judged

OURS, NAIVE, OTHERS = "#2459c4", "#c2293b", ("#1a7f4b", "#8f5f00", "#60666d")
SEED = 7


def draw(folder: Path) -> None:
    """Draw every plot as SVG."""
    folder.mkdir(exist_ok=True)
    plt.rcParams.update({"svg.hashsalt": "regrade", "font.size": 9, "svg.fonttype": "none"})
    plots = {
        "rates": _rates,
        "differences": _differences,
        "looks": _looks,
        "judges": _judges,
        "drops": _drops,
    }
    for name, plot in plots.items():
        figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
        plot(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="best")
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def _rates(axes: plt.Axes) -> None:
    rates = np.linspace(0.5, 0.995, 200)
    axes.plot(
        rates,
        [exact_coverage(wald, 50, p) for p in rates],
        color=NAIVE,
        label="normal approximation",
    )
    for (name, method), colour in zip(RATES.items(), (OURS, *OTHERS), strict=True):
        width = 1.6 if name == "wilson" else 0.8
        covered = [exact_coverage(method, 50, p) for p in rates]
        axes.plot(rates, covered, color=colour, linewidth=width, label=name)
    axes.axhline(0.95, color="#9aa1a9", linewidth=0.8, linestyle="--")
    axes.set(xlabel="true pass rate", ylabel="coverage, 50 cases", ylim=(0.7, 1.005))


def _drops(axes: plt.Axes) -> None:
    chance = np.random.default_rng(SEED)
    known = watching.tuned(chance, 60)
    drops = (0.03, 0.05, 0.07, 0.1, 0.15)
    lines: dict[str, list[tuple[float, float, float]]] = {}
    for drop in drops:
        for name, hours in watching.seen_after(chance, known, drop, 60).items():
            low, middle, high = np.quantile(hours, [0.1, 0.5, 0.9])
            lines.setdefault(name, []).append((float(low), float(middle), float(high)))
    for (name, points), colour in zip(lines.items(), (OURS, NAIVE), strict=True):
        low, middle, high = np.array(points).T
        axes.plot(drops, middle, color=colour, label=name)
        axes.fill_between(drops, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set(xlabel="drop of the pass rate", ylabel="hours until seen, middle 80 %", yscale="log")


def _differences(axes: plt.Axes) -> None:
    chance = np.random.default_rng(SEED)
    shares = np.linspace(0.01, 0.3, 24)
    tango, normal = [], []
    for psi in shares:
        drawn = chance.multinomial(50, (psi / 2, psi / 2, 1 - psi), 4000)[:, :2]
        size, quantile = np.full(len(drawn), 50.0), np.full(len(drawn), Z)
        low, high = tango_bounds(drawn[:, 0], drawn[:, 1], size, quantile)
        tango.append(np.mean((low <= 0) & (high >= 0)))
        d = (drawn[:, 0] - drawn[:, 1]) / 50
        half = Z * np.sqrt(np.maximum(drawn.sum(axis=1) - 50 * d**2, 0)) / 50
        normal.append(np.mean(np.abs(d) <= half))
    axes.plot(shares, normal, color=NAIVE, label="normal approximation")
    axes.plot(shares, tango, color=OURS, label="tango_ci")
    axes.axhline(0.95, color="#9aa1a9", linewidth=0.8, linestyle="--")
    axes.set(xlabel="share of cases that differ", ylabel="coverage of no difference, 50 cases")


def _judges(axes: plt.Axes) -> None:
    chance = np.random.default_rng(SEED)
    specificities = np.linspace(0.5, 1.0, 11)
    alone, corrected = [], []
    for specificity in specificities:
        hits = np.zeros(2)
        for _ in range(600):
            counts, _, passed = judged(chance, 0.9, (0.95, float(specificity)), 100)
            for at, interval in enumerate(
                (wilson(passed, 1000), calibrated_rate(*counts).interval)
            ):
                hits[at] += interval.low <= 0.9 <= interval.high
        alone.append(hits[0] / 600)
        corrected.append(hits[1] / 600)
    axes.plot(specificities, alone, color=NAIVE, label="the judge alone")
    axes.plot(specificities, corrected, color=OURS, label="calibrated_rate, 100 labels")
    axes.axhline(0.95, color="#9aa1a9", linewidth=0.8, linestyle="--")
    axes.set(
        xlabel="specificity of the judge (sensitivity 0.95)", ylabel="coverage of what people say"
    )


def _looks(axes: plt.Axes) -> None:
    chance = np.random.default_rng(SEED)
    repeats, at = 1500, np.arange(20, 201, 10)
    peeked, sure = np.zeros((repeats, len(at))), np.zeros((repeats, len(at)))
    for row in range(repeats):
        d = chance.permutation(np.repeat([1, -1, 0], [40, 40, 120]))
        fortunes = np.maximum.accumulate(paired_eprocess(d.tolist(), 200))
        wins, losses = np.cumsum(d > 0), np.cumsum(d < 0)
        peeked[row] = [
            mcnemar(int(wins[n - 1]), int(losses[n - 1])).midp <= 0.1
            and losses[n - 1] > wins[n - 1]
            for n in at
        ]
        sure[row] = fortunes[at - 1] >= 20
    axes.plot(
        at,
        np.maximum.accumulate(peeked, axis=1).mean(axis=0),
        color=NAIVE,
        label="McNemar at every look",
    )
    axes.plot(at, sure.mean(axis=0), color=OURS, label="paired_eprocess")
    axes.axhline(0.05, color="#9aa1a9", linewidth=0.8, linestyle="--")
    axes.set(xlabel="cases seen, with a look after every ten", ylabel="false alarms so far")

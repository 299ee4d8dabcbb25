"""Judges and people: how often their intervals hold the truth, and how often a bias is seen that is not there."""

import math

import numpy as np

from regrade.stats import wilson
from regrade.stats.clustered import bounded_mean_ci
from regrade.stats.people.agreement import cohen_kappa
from regrade.stats.people.judges import (
    calibrated_rate,
    judge_bias_gap,
    position_bias,
    ppi_mean,
    rogan_gladen_ci,
)

from .coverage import Z, holds
from .rows import Row, Section

JUDGES = ((0.95, 0.7), (0.8, 0.6), (0.99, 0.8), (0.95, 0.95))
"""Sensitivity and specificity of simulated judges."""


def judged(
    chance: np.random.Generator, rate: float, judge: tuple[float, float], labels: int
) -> tuple[tuple[int, int, int, int, int, int], int, int]:
    """Judge a thousand answers, and label some of them, failures more often: the counts of
    `calibrated_rate`, and the passes among labels drawn at random.
    """
    sensitivity, specificity = judge
    human = chance.random(1000) < rate
    passed = np.where(human, chance.random(1000) < sensitivity, chance.random(1000) > specificity)
    good, bad = np.flatnonzero(passed), np.flatnonzero(~passed)
    some = chance.choice(good, min(round(0.6 * labels), len(good)), replace=False)
    others = chance.choice(bad, min(labels - len(some), len(bad)), replace=False)
    counts = (int(human[some].sum()), len(some), int(human[others].sum()), len(others))
    return (*counts, len(good), len(bad)), int(human[:labels].sum()), int(passed.sum())


def judges(repeats: int, chance: np.random.Generator) -> Section:
    """Rates of judges, corrected by 100 labels."""
    rows = []
    for sensitivity, specificity in JUDGES:
        hits = np.zeros(4)
        for _ in range(repeats):
            counts, labelled, passed = judged(chance, 0.9, (sensitivity, specificity), 100)
            positive = chance.binomial(60, sensitivity), chance.binomial(40, specificity)
            moved = rogan_gladen_ci(passed, 1000, int(positive[0]), 60, int(positive[1]), 40)
            hits += [
                holds(calibrated_rate(*counts).interval, 0.9),
                holds(moved, 0.9),
                holds(wilson(passed, 1000), 0.9),
                holds(wilson(labelled, 100), 0.9),
            ]
        share = (hits / repeats).tolist()
        rows.append(
            Row(
                f"sensitivity {sensitivity:g}, specificity {specificity:g}, people pass 90 %",
                {"calibrated_rate": share[0], "rogan_gladen_ci, other labels": share[1]},
                {"the judge alone": share[2], "the 100 labels alone": share[3]},
                repeats,
                "0.95",
            )
        )
    return Section("Rates of judges, 1,000 answers and 100 labels", "coverage", tuple(rows))


SHARES = (0.05, 0.1, 0.15, 0.3, 0.4)
"""How people's scores from 1 to 5 are spread."""


def judge_scores(repeats: int, chance: np.random.Generator) -> Section:
    """Means of scores from 1 to 5, corrected by people's."""
    rows = []
    truth = float(np.dot(np.arange(1, 6), SHARES))
    for labels in (30, 50, 100, 200):
        hits = np.zeros(4)
        for _ in range(repeats):
            human = chance.choice(np.arange(1, 6), 1000, p=SHARES).astype(float)
            judge = np.clip(human + chance.choice([0, 0, 1, 1, -1], 1000), 1, 5)
            found = ppi_mean(human[:labels], judge[:labels], judge[labels:])  # type: ignore[arg-type]  # arrays do
            half = Z * (found.interval.high - found.value) / _student(labels)
            alone = bounded_mean_ci(judge.tolist(), low=1, high=5)
            few = bounded_mean_ci(human[:labels].tolist(), low=1, high=5)
            hits += [
                holds(found.interval, truth),
                abs(found.value - truth) <= half,
                holds(alone, truth),
                holds(few, truth),
            ]
        share = (hits / repeats).tolist()
        rows.append(
            Row(
                f"{labels} scores of people, a judge that is a third of a point too kind",
                {"ppi_mean": share[0]},
                {
                    "PPI++ with z": share[1],
                    "the judge alone": share[2],
                    "the labels alone": share[3],
                },
                repeats,
                "0.95",
            )
        )
    return Section("Mean scores of judges, 1,000 answers", "coverage", tuple(rows))


def _student(labels: int) -> float:
    from scipy.special import stdtrit  # noqa: PLC0415  for this one figure

    return float(stdtrit(labels - 2, 0.975))


def agreements(repeats: int, chance: np.random.Generator) -> Section:
    """Cohen's kappa of two people."""
    rows = []
    for n in (50, 100, 300):
        for error in (0.05, 0.15):
            rate = 0.8
            both = rate * (1 - error) ** 2 + (1 - rate) * error**2
            neither = rate * error**2 + (1 - rate) * (1 - error) ** 2
            passes = rate * (1 - error) + (1 - rate) * error
            expected = passes**2 + (1 - passes) ** 2
            truth = (both + neither - expected) / (1 - expected)
            hits = 0
            for _ in range(repeats):
                human = chance.random(n) < rate
                ratings = [human ^ (chance.random(n) < error) for _ in range(2)]
                table = np.zeros((2, 2))
                np.add.at(table, (ratings[0].astype(int), ratings[1].astype(int)), 1)
                hits += holds(cohen_kappa(table.tolist()).interval, truth)
            rows.append(
                Row(
                    f"{n} answers, each person errs on {error:.0%}",
                    {"cohen_kappa": hits / repeats},
                    {},
                    repeats,
                    "0.95",
                )
            )
    return Section("Agreement of people", "coverage", tuple(rows))


def favours(repeats: int, chance: np.random.Generator) -> Section:
    """Biases that are not there: seen by comparing verdicts alone, and beside people."""
    rows = []
    for n in (40, 100, 300):
        hits = np.zeros(3)
        for _ in range(repeats):
            is_long = chance.random(n) < 1 / 3
            human = chance.random(n) < np.where(is_long, 0.9, 0.7)  # long answers are better here
            judge = np.where(human, chance.random(n) < 0.9, chance.random(n) < 0.1)
            j, h = judge.astype(float), human.astype(float)
            gap = judge_bias_gap(j[is_long], h[is_long], j[~is_long], h[~is_long])  # type: ignore[arg-type]  # arrays do
            zero = np.zeros(n)
            raw = judge_bias_gap(j[is_long], zero[is_long], j[~is_long], zero[~is_long])  # type: ignore[arg-type]  # arrays do
            over = (j - h)[is_long], (j - h)[~is_long]
            spread = math.sqrt(sum(each.var(ddof=1) / len(each) for each in over))
            apart = abs(over[0].mean() - over[1].mean()) > Z * spread
            hits += [not holds(gap.interval, 0.0), not holds(raw.interval, 0.0), apart]
        rows.append(
            Row(
                f"{n} labelled answers, long ones are better, the judge errs alike on all",
                {"judge_bias_gap": hits[0] / repeats},
                {
                    "passes more long ones": hits[1] / repeats,
                    "passes more of them than people do": hits[2] / repeats,
                },
                repeats,
                "0.05",
            )
        )
    for n in (50, 200):
        hits = np.zeros(2)
        for _ in range(repeats):
            flips = chance.random(n) < 0.2
            place = np.where(chance.random(n) < 0.5, "first", "second")
            pairs = [
                (str(p), str(p) if flip else {"first": "second", "second": "first"}[str(p)])
                for p, flip in zip(place, flips, strict=True)
            ]
            found = position_bias(pairs)
            hits += [found.p <= 0.05, sum(a == "first" for a, _ in pairs) / n > 0.55]
        rows.append(
            Row(
                f"{n} pairs, a fifth flips with the order, no place is preferred",
                {"position_bias": hits[0] / repeats},
                {"the first wins 5 points more than half": hits[1] / repeats},
                repeats,
                "0.05",
            )
        )
    return Section("Biases of judges that are not there", "type I error", tuple(rows))


SECTIONS = (judges, judge_scores, agreements, favours)
"""Every simulation of judges and people."""

"""Several trials of one case, and several judgements of one output: what they say, and where the
variation comes from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate the chance that any of k trials passes, from c passes in n trials.

    Raises: ValueError when fewer than k trials were made.
    Source: Chen et al. 2021, arXiv:2107.03374: 1 - C(n - c, k) / C(n, k).
    """
    _check(n, c, k)
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """Estimate the chance that all of k trials pass, from c passes in n trials.

    Raises: ValueError when fewer than k trials were made.
    Source: Yao et al. 2024, arXiv:2406.12045: C(c, k) / C(n, k).
    """
    _check(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def _check(n: int, c: int, k: int) -> None:
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"{k} of {n} trials with {c} passes: k is from 1 to the trials made")


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Where the variation of a suite's results comes from."""

    mean: float
    """Over all cases."""
    within: float
    """Variance between the trials of one case."""
    between: float
    """Variance between the true rates of cases; never below 0."""
    icc: float
    """The share that lies between cases; 0 without any variance."""
    se_population: float
    """Standard error of the mean for cases like these."""
    se_suite: float
    """Standard error of the mean for these cases."""


def variance_components(trials: Sequence[Sequence[float]]) -> VarianceComponents:
    """Split the variance of trials by cases.

    Shapes: one row a case, as many trials in each; at least two cases and two trials.
    Raises: ValueError for fewer, or rows of different lengths.
    Source: one-way analysis of variance; Miller 2024 (arXiv:2411.00640) for the two errors.
    """
    y = _table(trials)
    n, k = y.shape
    if n < 2 or k < 2:
        raise ValueError(f"{n} cases of {k} trials; both must be two at least")
    means = y.mean(axis=1)
    within = float(y.var(axis=1, ddof=1).mean())
    between = max(0.0, float(means.var(ddof=1)) - within / k)
    total = between + within
    return VarianceComponents(
        mean=float(y.mean()),
        within=within,
        between=between,
        icc=between / total if total else 0.0,
        se_population=float(means.std(ddof=1)) / math.sqrt(n),
        se_suite=math.sqrt(within / (n * k)),
    )


def trials_needed(components: VarianceComponents, n: int, standard_error: float) -> int | None:
    """Say how many trials of each of n cases give a standard error; None when no number does, and
    more cases are needed.

    Source: Var(mean) = (between + within / k) / n.
    """
    room = n * standard_error**2 - components.between
    return None if room <= 0 else max(1, math.ceil(components.within / room))


@dataclass(frozen=True, slots=True)
class JudgeVariance:
    """Where the variation of judged outputs comes from."""

    case: float
    """Variance between cases."""
    output: float
    """Variance between the outputs of one case: the application's own."""
    judge: float
    """Variance between judgements of one output."""

    @property
    def judge_share(self) -> float:
        """What of the variation within a case is the judge's; 0 without any."""
        within = self.output + self.judge
        return self.judge / within if within else 0.0


def nested_judge_variance(
    judgements: Sequence[Sequence[Sequence[float]]],
) -> JudgeVariance:
    """Split the variance of judgements by cases, their outputs, and judgements of one output.

    Shapes: case, output of the case, judgement of the output; at least two of each, as many
    everywhere.
    Raises: ValueError for fewer, or a table with holes.
    Source: nested analysis of variance, method of moments, no component below 0.
    """
    y = _table(judgements)
    if y.ndim != 3 or min(y.shape) < 2:
        raise ValueError(f"the table has the shape {y.shape}; it needs two of each at least")
    _, outputs, repeats = y.shape
    judge = float(y.var(axis=2, ddof=1).mean())
    of_outputs = y.mean(axis=2)
    output = max(0.0, float(of_outputs.var(axis=1, ddof=1).mean()) - judge / repeats)
    of_cases = of_outputs.mean(axis=1)
    below = output / outputs + judge / (outputs * repeats)
    return JudgeVariance(max(0.0, float(of_cases.var(ddof=1)) - below), output, judge)


def _table(rows: Sequence[Sequence[object]]) -> np.ndarray:
    try:
        return np.asarray(rows, dtype=float)
    except ValueError:
        raise ValueError("every row must have as many values as the others") from None


def flaky_posterior(c: int, k: int, band: tuple[float, float] = (0.1, 0.9)) -> float:
    """Give the chance that a case's pass rate lies inside a band, after c passes in k trials.

    Source: Beta(c + 1/2, k - c + 1/2), the prior of Jeffreys.
    Raises: ValueError for impossible counts.
    """
    if not 0 <= c <= k:
        raise ValueError(f"{c} passes of {k} are impossible")
    low, high = band
    a, b = c + 0.5, k - c + 0.5
    return float(betainc(a, b, high) - betainc(a, b, low))

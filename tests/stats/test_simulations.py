"""The figures of docs/statistics.md: simulated again, a few at a time, they come out alike."""

import re
from pathlib import Path

import numpy as np
import pytest
from scripts.simulations import coverage, errors, people, watching
from scripts.simulations.rows import Row

PAGE = Path(__file__).parent.parent.parent / "docs" / "statistics.md"
SECTIONS = {
    each.__name__: each
    for each in (*coverage.SECTIONS, *errors.SECTIONS, *people.SECTIONS, *watching.SECTIONS)
}


def written() -> dict[str, dict[str, float]]:
    """The figures on the page, by situation and method."""
    found: dict[str, dict[str, float]] = {}
    for line in PAGE.read_text().partition("<!-- simulations -->")[2].splitlines():
        if line.startswith("| ") and not line.startswith("| situation"):
            situation, *cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            for name, share in re.findall(
                r"(?:^|<br>)([^<*]+) \*\*([\d.]+)\*\*", "<br>".join(cells)
            ):
                found.setdefault(situation, {})[name.partition(", width")[0]] = float(share)
    return found


def agree(row: Row, repeats: int) -> None:
    known = written()[row.situation]
    for name, share in {**row.ours, **row.naive}.items():
        told = known[name.partition(", width")[0]]
        error = (max(told * (1 - told), 0.01) / repeats) ** 0.5
        slack = 5 * error if row.repeats else 0.001
        assert abs(share - told) <= slack + 0.005, (row.situation, name, share, told)


def test_what_is_enumerated_is_what_is_written() -> None:
    for row in coverage.rates(0, np.random.default_rng(1)).rows:
        agree(row, 1)


def test_every_interval_and_test_of_ours_is_on_the_page() -> None:
    named = {name.split()[0].strip(",") for figures in written().values() for name in figures}
    for function in (
        "wilson", "clopper_pearson", "jeffreys", "bayes_uniform", "bounded_mean_ci",
        "empirical_bernstein_ci", "t_ci", "bca_ci", "quantile_ci", "tango_ci", "paired_ci",
        "log_ratio_ci", "ratio_of_means_ci", "ratio_of_medians_ci", "ratio_of_quantiles_ci", "lmdi_ci",
        "mcnemar", "stratified_exact", "signflip_exact", "holm", "bh", "by", "tarone",
        "group_sequential", "paired_eprocess", "verdict", "mcnemar_n", "n_required_paired",
        "pass_at_k", "pass_hat_k", "calibrated_rate", "rogan_gladen_ci", "ppi_mean", "cohen_kappa",
        "judge_bias_gap", "position_bias", "beta_binomial_cs", "detector",
    ):  # fmt: skip
        assert function in named, function


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [name for name in SECTIONS if name not in ("rates", "ratios", "stable", "delays")]
)
def test_what_is_simulated_again_comes_out_alike(name: str) -> None:
    repeats = 400
    for row in SECTIONS[name](repeats, np.random.default_rng(99)).rows:
        agree(row, min(repeats, row.repeats or repeats))


@pytest.mark.long
def test_a_stable_year_keeps_the_budget() -> None:
    [row] = watching.stable(4000, np.random.default_rng(98)).rows
    assert row.repeats == 200
    assert row.ours["detector, by hour and weekday"] <= 0.1
    assert row.naive["last hour below the mean less 5 points"] > 0.9


@pytest.mark.long
def test_drops_are_seen_as_written() -> None:
    for row in watching.delays(1000, np.random.default_rng(97)).rows:
        for name, hours in row.ours.items():
            told = written()[row.situation][name]
            assert told / 2 <= hours <= told * 2, (row.situation, hours, told)

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import optimize, stats as reference

from regrade.stats import Interval
from regrade.stats.differences import (
    log_ratio_ci,
    matched_split,
    paired_ci,
    ratio_of_means_ci,
    ratio_of_medians_ci,
    ratio_of_quantiles_ci,
    tango_bounds,
    tango_ci,
    verdict,
)


def score_interval_by_likelihood(wins: int, losses: int, n: int) -> tuple[float, float]:
    """Invert the score test with the restricted likelihood maximised numerically."""
    z = reference.norm.ppf(0.975)

    def statistic(difference: float) -> float:
        def minus_likelihood(q: float) -> float:
            p, rest = q + difference, 1 - 2 * q - difference
            terms = ((wins, p), (losses, q), (n - wins - losses, rest))
            return -sum(k * math.log(max(each, 1e-300)) for k, each in terms if k)

        low, high = max(0.0, -difference), (1 - difference) / 2
        found = optimize.minimize_scalar(
            minus_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        variance = n * (2 * found.x + difference - difference**2)
        return float((wins - losses - n * difference) / math.sqrt(variance))

    observed = (wins - losses) / n
    low = optimize.brentq(lambda d: statistic(d) - z, -0.999, observed)
    high = optimize.brentq(lambda d: statistic(d) + z, observed, 0.999)
    return low, high


@pytest.mark.parametrize(
    ("wins", "losses", "n"), [(12, 2, 50), (1, 5, 60), (40, 30, 200), (3, 9, 14), (100, 70, 1319)]
)
def test_tango_inverts_the_score_test(wins: int, losses: int, n: int) -> None:
    assert tango_ci(wins, losses, n) == pytest.approx(
        score_interval_by_likelihood(wins, losses, n), abs=1e-5
    )


def test_without_a_discordant_pair_the_interval_has_a_width() -> None:
    z2 = reference.norm.ppf(0.975) ** 2
    assert tango_ci(0, 0, 50) == pytest.approx((-z2 / (50 + z2), z2 / (50 + z2)))
    assert tango_ci(0, 0, 0) == (-1, 1)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 400))
def test_tango_is_symmetric_bounded_and_holds_the_estimate(w: int, m: int, ties: int) -> None:
    n = w + m + ties
    low, high = tango_ci(w, m, n)
    mirrored = tango_ci(m, w, n)
    assert (-high, -low) == pytest.approx(tuple(mirrored), abs=1e-9)
    assert -1 <= low <= high <= 1
    if n:
        assert low - 1e-9 <= (w - m) / n <= high + 1e-9


def test_more_pairs_of_the_same_kind_narrow_it() -> None:
    widths = [high - low for k in (1, 4, 16) for low, high in (tango_ci(3 * k, k, 20 * k),)]
    assert widths == sorted(widths, reverse=True)


def test_many_tables_at_once_are_the_same_as_one_by_one() -> None:
    w, m, n = [0, 3, 10], [0, 9, 0], [5, 14, 10]
    z = [1.959963984540054] * 3
    low, high = tango_bounds(w, m, n, z)
    for at in range(3):
        assert (low[at], high[at]) == pytest.approx(tuple(tango_ci(w[at], m[at], n[at])))


@pytest.mark.parametrize(("w", "m", "n"), [(-1, 0, 5), (3, 3, 5)])
def test_impossible_tables_are_refused(w: int, m: int, n: int) -> None:
    with pytest.raises(ValueError, match="impossible"):
        tango_ci(w, m, n)


def test_paired_differences_of_one_trial_are_tango() -> None:
    d = [1.0] * 5 + [-1.0] * 2 + [0.0] * 43
    assert paired_ci(d) == tango_ci(5, 2, 50)


def test_clusters_widen_and_order_does_not_matter() -> None:
    d = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0] * 5
    clusters = [*range(10)] * 4
    clustered = paired_ci(d, clusters=sorted(clusters))
    plain = paired_ci(d)
    assert clustered.high - clustered.low > plain.high - plain.low
    shuffled = [(x, c) for x, c in zip(d, sorted(clusters), strict=True)][::-1]
    again = paired_ci([x for x, _ in shuffled], clusters=[c for _, c in shuffled])
    assert again == pytest.approx(tuple(clustered))


def test_edges_of_paired_differences() -> None:
    assert paired_ci([]) == (-1, 1)
    assert paired_ci([0.5, 0.2], clusters=["a", "a"]) == (-1, 1)
    low, high = paired_ci([0.0] * 30, clusters=range(30))
    assert low == pytest.approx(-high)
    assert 0 < high < 0.2
    for wrong in ([1.5], [math.nan]):
        with pytest.raises(ValueError, match=r"\[-1, 1\]"):
            paired_ci(wrong)


def test_the_ratio_of_paired_values() -> None:
    random = np.random.default_rng(1)
    a = random.lognormal(0, 1, 200)
    b = a * random.lognormal(math.log(1.2), 0.1, 200)
    ratio, (low, high) = log_ratio_ci(a.tolist(), b.tolist())
    t = reference.ttest_1samp(np.log(b / a), 0).confidence_interval()
    assert (low, high) == pytest.approx((math.exp(t.low), math.exp(t.high)))
    assert ratio == pytest.approx(1.2, abs=0.03)
    inverse, (inverse_low, _) = log_ratio_ci(b.tolist(), a.tolist())
    assert inverse == pytest.approx(1 / ratio)
    assert inverse_low == pytest.approx(1 / high)


def test_edges_of_the_ratio() -> None:
    ratio, interval = log_ratio_ci([2.0], [3.0])
    assert ratio == pytest.approx(1.5)
    assert interval == (0, math.inf)
    assert log_ratio_ci([1.0, 1.0], [1.0, 1.0])[1] == (1, 1)
    for a, b in (([], []), ([1.0], [1.0, 2.0]), ([0.0], [1.0])):
        with pytest.raises(ValueError, match="pairs|positive"):
            log_ratio_ci(a, b)


def test_costs_are_compared_as_a_ratio_of_means() -> None:
    random = np.random.default_rng(3)
    a = random.lognormal(0, 1, 400)
    b = a * random.lognormal(math.log(1.1), 0.2, 400)
    ratio, (low, high) = ratio_of_means_ci(a.tolist(), b.tolist())
    assert ratio == pytest.approx(b.mean() / a.mean())
    assert low < ratio < high
    drawn = [b[i].mean() / a[i].mean() for i in random.integers(0, 400, (2000, 400))]
    assert (high - low) / 2 == pytest.approx(1.96 * np.std(drawn), rel=0.15)
    assert ratio_of_means_ci([1.0], [2.0]) == (2, Interval(0, math.inf))
    for x, y in (([], []), ([0.0, 0.0], [1.0, 1.0]), ([1.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match="pairs|amount"):
            ratio_of_means_ci(x, y)


def test_quantiles_are_compared_by_drawing_pairs() -> None:
    random = np.random.default_rng(4)
    a = random.lognormal(0, 0.5, 300).tolist()
    ratio, (low, high) = ratio_of_medians_ci(a, [2 * x for x in a], seed=1)
    assert (ratio, low, high) == pytest.approx((2, 2, 2))
    ratio, (low, high) = ratio_of_quantiles_ci(a, a[::-1], 0.95, seed=1)
    assert ratio == 1
    assert low < 1 < high
    with pytest.raises(ValueError, match="positive"):
        ratio_of_medians_ci([0.0], [1.0], seed=1)
    with pytest.raises(ValueError, match="pairs"):
        ratio_of_medians_ci([], [], seed=1)


SIDES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), min_size=1)


@given(SIDES, SIDES)
def test_the_parts_of_a_split_add_up(a: dict[str, float], b: dict[str, float]) -> None:
    found = matched_split(a, b)
    assert found.matched + found.added + found.removed == pytest.approx(found.total, abs=1e-12)
    assert found.n_matched == len({*a} & {*b})
    if a.keys() == b.keys():
        assert (found.added, found.removed) == pytest.approx((0, 0), abs=1e-12)


def test_a_side_without_cases_is_refused() -> None:
    with pytest.raises(ValueError, match="need a case"):
        matched_split({}, {"a": 1})


@pytest.mark.parametrize(
    ("low", "high", "p", "margin", "said"),
    [
        (0.01, 0.05, 0.01, None, "better"),
        (-0.05, -0.01, 0.01, 0.02, "worse"),
        (0.01, 0.05, 0.2, None, "not_enough_evidence"),
        (-0.01, 0.015, 0.5, 0.02, "equivalent"),
        (-0.01, 0.02, 0.5, 0.02, "not_enough_evidence"),
        (-0.01, 0.01, 0.5, None, "not_enough_evidence"),
        (-1, 1, 1.0, 0.02, "not_enough_evidence"),
    ],
)
def test_verdicts(low: float, high: float, p: float, margin: float | None, said: str) -> None:
    assert verdict(Interval(low, high), p, margin) == said


@pytest.mark.long
@pytest.mark.parametrize(("clusters", "trials"), [(0, 1), (0, 3), (20, 1)])
def test_coverage_of_paired_differences(clusters: int, trials: int) -> None:
    random = np.random.default_rng(7)
    n, covered, rounds = 100, 0, 2000
    truth = _expected(0.03)
    for _ in range(rounds):
        groups = np.arange(n) % clusters if clusters else np.arange(n)
        shift = random.normal(0, 0.1, n)[groups]
        base = random.beta(8, 2, n)
        p_a, p_b = base, np.clip(base + 0.03 + shift, 0, 1)
        d = random.binomial(trials, p_b) / trials - random.binomial(trials, p_a) / trials
        low, high = paired_ci(d.tolist(), clusters=groups.tolist() if clusters else None)
        covered += low <= truth <= high
    assert 0.93 <= covered / rounds <= 0.99


def _expected(shift: float) -> float:
    """The mean of the clipped shift, by a large draw of its own."""
    random = np.random.default_rng(11)
    base = random.beta(8, 2, 1_000_000)
    moved = np.clip(base + shift + random.normal(0, 0.1, 1_000_000), 0, 1)
    return float((moved - base).mean())

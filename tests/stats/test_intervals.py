import math

import pytest
import scipy.stats
from hypothesis import given, strategies as st

from regrade.stats import quantile, quantile_ci, quantile_min_n, wilson
from regrade.stats.clustered import bounded_mean_ci, cluster_se

COUNTS = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_wilson_is_scipys(counts: tuple[int, int], alpha: float) -> None:
    passes, n = counts
    if n == 0:
        assert wilson(0, 0, alpha) == (0.0, 1.0)
        return
    reference = scipy.stats.binomtest(passes, n).proportion_ci(1 - alpha, method="wilson")
    assert wilson(passes, n, alpha) == pytest.approx((reference.low, reference.high), abs=1e-9)


@given(COUNTS)
def test_wilson_holds_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    passes, n = counts
    low, high = wilson(passes, n)
    assert 0 <= low <= (passes / n if n else 0.5) <= high <= 1
    assert low < high
    mirrored = wilson(n - passes, n)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high))


def test_wilson_closes_its_ends_exactly() -> None:
    assert wilson(0, 50).low == 0.0
    assert wilson(50, 50).high == 1.0
    assert wilson(50, 50).low < 0.95  # never zero width


@pytest.mark.parametrize(("passes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_impossible_counts_are_refused(passes: int, n: int) -> None:
    with pytest.raises(ValueError, match="impossible"):
        wilson(passes, n)


def test_wilsons_coverage_is_the_published_one() -> None:
    """Exact coverage at n = 50, p = .95: .962; at n = 100, p = .99: .921."""
    for n, p, published in ((50, 0.95, 0.962), (100, 0.99, 0.921), (20, 0.95, 0.924)):
        covered = 0.0
        for passes in range(n + 1):
            low, high = wilson(passes, n)
            covered += scipy.stats.binom.pmf(passes, n, p) * (low <= p <= high)
        assert covered == pytest.approx(published, abs=0.001)


def test_percentile_intervals_need_so_many_values() -> None:
    """The published minima for a finite upper end of a 95 % interval: p95 72, p99 368; one-sided 59 and 299."""
    assert [quantile_min_n(0.95), quantile_min_n(0.99)] == [72, 368]
    assert [quantile_min_n(0.95, 0.1), quantile_min_n(0.99, 0.1)] == [59, 299]
    assert math.isinf(quantile_ci(range(71), 0.95).high)
    assert math.isfinite(quantile_ci(range(72), 0.95).high)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_percentile_intervals_hold_their_coverage(values: list[float], q: float) -> None:
    low, high = quantile_ci(values, q)
    assert low <= high
    ordered, n = sorted(values), len(values)
    lower = ordered.index(low) + 1 if math.isfinite(low) else 0
    upper = n - ordered[::-1].index(high) if math.isfinite(high) else n + 1
    assert (
        scipy.stats.binom.cdf(upper - 1, n, q) - scipy.stats.binom.cdf(lower - 1, n, q)
        >= 0.95 - 1e-9
    )


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=50), st.floats(0, 1))
def test_the_quantile_is_numpys(values: list[float], q: float) -> None:
    import numpy as np

    assert quantile(values, q) == pytest.approx(float(np.quantile(values, q)), abs=1e-9)


def test_the_cluster_standard_error_by_hand() -> None:
    """Two clusters of sums of deviations +1 and -1 over four values: sqrt(2 * 2) / 4 = 0.5."""
    assert cluster_se([1, 1, 0, 0], ["a", "a", "b", "b"]) == pytest.approx(0.5)
    assert cluster_se([1, 0, 1, 0], ["a", "a", "b", "b"]) == 0


def test_the_cluster_standard_error_of_single_values_is_the_plain_one() -> None:
    values = [0.1, 0.9, 0.4, 0.4, 0.7]
    assert cluster_se(values, range(5)) == pytest.approx(scipy.stats.sem(values))


@pytest.mark.parametrize(("values", "clusters"), [([1, 0], ["a", "a"]), ([1, 0], ["a"]), ([], [])])
def test_too_few_clusters_are_refused(values: list[float], clusters: list[str]) -> None:
    with pytest.raises(ValueError, match="clusters"):
        cluster_se(values, clusters)


def test_binary_values_without_clusters_are_wilsons() -> None:
    assert bounded_mean_ci([1, 1, 0, 1]) == pytest.approx(wilson(3, 4))


def test_edges_of_the_bounded_mean() -> None:
    assert bounded_mean_ci([]) == (0, 1)
    assert bounded_mean_ci([], low=1, high=5) == (1, 5)
    assert bounded_mean_ci([1, 1], ["a", "a"]) == (0, 1)
    low, high = bounded_mean_ci([1.0] * 20, [i // 2 for i in range(20)])
    assert high == 1.0
    assert low == pytest.approx(wilson(10, 10, quantile=scipy.stats.t.ppf(0.975, 9)).low)
    with pytest.raises(ValueError, match="must lie in"):
        bounded_mean_ci([0.5, 2])


def test_scores_are_scaled_back() -> None:
    scores = [1, 3, 5, 4, 4, 2]
    low, high = bounded_mean_ci(scores, low=1, high=5)
    assert 1 < low < sum(scores) / 6 < high < 5
    unit = bounded_mean_ci([(s - 1) / 4 for s in scores])
    assert (low, high) == pytest.approx((1 + 4 * unit.low, 1 + 4 * unit.high))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5)), min_size=2, max_size=40), st.randoms()
)
def test_the_bounded_mean_does_not_depend_on_the_order(
    pairs: list[tuple[float, int]], chance: object
) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's random
    a = bounded_mean_ci([value for value, _ in pairs], [cluster for _, cluster in pairs])
    b = bounded_mean_ci([value for value, _ in shuffled], [cluster for _, cluster in shuffled])
    assert a == pytest.approx(b, abs=1e-9)
    assert 0 <= a.low <= a.high <= 1


@pytest.mark.long
def test_the_bounded_mean_covers_clustered_data() -> None:
    """Published: 20 clusters of 5, intra-class correlation .3, rate .9: coverage .943."""
    import numpy as np

    chance = np.random.default_rng(7)
    covered, repeats = 0, 3000
    a, b = 0.9 * (1 / 0.3 - 1), 0.1 * (1 / 0.3 - 1)
    clusters = [i // 5 for i in range(100)]
    for _ in range(repeats):
        rates = np.repeat(chance.beta(a, b, 20), 5)
        low, high = bounded_mean_ci([*map(float, chance.random(100) < rates)], clusters)
        covered += low <= 0.9 <= high
    assert 0.93 <= covered / repeats <= 0.96

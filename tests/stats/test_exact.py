import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats as reference

from regrade.stats.exact import (
    mcnemar,
    mcnemar_many,
    mcnemar_power_exact,
    n_required_paired,
    signflip_exact,
    stratified_exact,
)

PAIRS = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(PAIRS)
def test_mcnemar_is_the_binomial_test(pair: tuple[int, int]) -> None:
    wins, losses = pair
    found = mcnemar(wins, losses)
    if wins + losses == 0:
        assert found.exact == found.midp == found.asymptotic == 1
        return
    known = reference.binomtest(wins, wins + losses, 0.5).pvalue
    assert found.exact == pytest.approx(known, rel=1e-9)
    assert found.midp <= found.exact + 1e-12
    assert found == mcnemar(losses, wins)


def test_many_tables_are_as_one_by_one() -> None:
    pairs = [(0, 0), (3, 9), (9, 3), (5, 5), (0, 40)]
    exact, midp = mcnemar_many([w for w, _ in pairs], [x for _, x in pairs])
    for at, (w, x) in enumerate(pairs):
        assert (exact[at], midp[at]) == pytest.approx((mcnemar(w, x).exact, mcnemar(w, x).midp))
    assert mcnemar(5, 5).midp == pytest.approx(1 - reference.binom.pmf(5, 10, 0.5) / 2)


@pytest.mark.parametrize(("wins", "losses", "ties"), [(3, 9, 40), (9, 3, 0), (0, 6, 1), (4, 4, 4)])
def test_one_trial_each_is_mcnemar(wins: int, losses: int, ties: int) -> None:
    a = [0] * wins + [1] * losses + [1] * ties
    b = [1] * wins + [0] * losses + [1] * ties
    one = [1] * len(a)
    found, known = stratified_exact(a, one, b, one), mcnemar(wins, losses)
    assert (found.p, found.midp) == pytest.approx((known.exact, known.midp))
    assert found.cmh_chi2 == pytest.approx((wins - losses) ** 2 / (wins + losses))
    assert found.p_less == pytest.approx(reference.binom.cdf(wins, wins + losses, 0.5))


def test_trials_are_weighed_by_enumeration() -> None:
    a, na, b, nb = [3, 1, 2], [3, 2, 3], [1, 1, 1], [3, 3, 2]
    distribution: dict[int, float] = {}
    laws = [reference.hypergeom(x + y, x + y - 0, 1) for x, y in ((1, 1),)]
    del laws
    ranges = []
    for pa, ta, pb, tb in zip(a, na, b, nb, strict=True):
        law = reference.hypergeom(ta + tb, pa + pb, tb)
        ranges.append([(k, float(law.pmf(k))) for k in range(tb + 1) if law.pmf(k) > 0])
    for some in itertools.product(*ranges):
        total = sum(k for k, _ in some)
        distribution[total] = distribution.get(total, 0) + math.prod(p for _, p in some)
    less = sum(p for total, p in distribution.items() if total <= sum(b))
    more = sum(p for total, p in distribution.items() if total >= sum(b))
    found = stratified_exact(a, na, b, nb)
    assert found.p_less == pytest.approx(less)
    assert found.p == pytest.approx(min(1, 2 * min(less, more)))


def test_the_test_is_symmetric_and_blind_to_order_and_to_cases_that_decide_nothing() -> None:
    random = np.random.default_rng(1)
    a, b = random.integers(0, 4, 60).tolist(), random.integers(0, 4, 60).tolist()
    three = [3] * 60
    found = stratified_exact(a, three, b, three)
    assert stratified_exact(b, three, a, three).p == pytest.approx(found.p)
    assert stratified_exact(a[::-1], three, b[::-1], three).p == pytest.approx(found.p)
    more = stratified_exact([*a, 3, 0, 2], [*three, 3, 3, 3], [*b, 3, 0, 0], [*three, 3, 3, 0])
    assert more == found
    assert stratified_exact([], [], [], []).p == 1
    assert stratified_exact([1], [1], [1], [1]).p == 1


def test_five_thousand_cases_of_five_trials_take_a_moment() -> None:
    random = np.random.default_rng(1)
    p = random.beta(8, 2, 5000)
    a, b = random.binomial(5, p).tolist(), random.binomial(5, p).tolist()
    five = [5] * 5000
    found = stratified_exact(a, five, b, five)
    assert found.p == pytest.approx(reference.chi2.sf(found.cmh_chi2, 1), abs=0.02)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="one entry a case"):
        stratified_exact([1], [1, 1], [1], [1])
    with pytest.raises(ValueError, match="more passes than trials"):
        stratified_exact([2], [1], [0], [1])


@given(st.lists(st.integers(-4, 4), max_size=9))
def test_signs_are_flipped_every_way(sums: list[int]) -> None:
    found = signflip_exact(sums)
    flips = [sum(s * e for s, e in zip(sums, signs, strict=True)) for signs in itertools.product((1, -1), repeat=len(sums))]  # fmt: skip
    observed = abs(sum(sums))
    assert found.p == pytest.approx(sum(abs(f) >= observed for f in flips) / len(flips))
    assert found.p_less == pytest.approx(sum(f <= sum(sums) for f in flips) / len(flips))


def test_power_is_what_simulation_finds() -> None:
    random = np.random.default_rng(4)
    n, delta, psi = 120, -0.08, 0.16
    draws = random.multinomial(n, [(psi + delta) / 2, (psi - delta) / 2, 1 - psi], 4000)
    exact, _ = mcnemar_many(draws[:, 0], draws[:, 1])
    assert mcnemar_power_exact(n, delta, psi) == pytest.approx((exact <= 0.05).mean(), abs=0.025)
    assert mcnemar_power_exact(n, delta, psi, kind="midp") >= mcnemar_power_exact(n, delta, psi)
    assert mcnemar_power_exact(n, delta, psi, kind="less") > mcnemar_power_exact(n, -delta, psi, kind="less")  # fmt: skip
    assert mcnemar_power_exact(50, 0, 0) == 0
    assert mcnemar_power_exact(20, 1, 1) == 1
    with pytest.raises(ValueError, match="impossible"):
        mcnemar_power_exact(50, 0.2, 0.1)
    with pytest.raises(ValueError, match="kind"):
        mcnemar_power_exact(50, 0.1, 0.1, kind="x")


@pytest.mark.parametrize(("n", "psi", "exact", "midp"), [(50, 0.1, 0.009, 0.025), (200, 0.2, 0.035, 0.048)])  # fmt: skip
def test_the_error_of_the_exact_and_the_mid_p_test(
    n: int, psi: float, exact: float, midp: float
) -> None:
    assert mcnemar_power_exact(n, 0, psi) == pytest.approx(exact, abs=0.001)
    assert mcnemar_power_exact(n, 0, psi, kind="midp") == pytest.approx(midp, abs=0.001)


def test_cases_that_are_needed() -> None:
    assert n_required_paired(0.3, 0.05) == math.ceil((1.959964 + 0.841621) ** 2 * 36)
    with pytest.raises(ValueError, match="difference of 0"):
        n_required_paired(0.3, 0)

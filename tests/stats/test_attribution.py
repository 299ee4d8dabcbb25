import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from regrade.stats.attribution import (
    first_failure_delta,
    hazards,
    kitagawa,
    lmdi,
    lmdi_ci,
    shapley_product,
)

NAMES = ("retrieval", "ranking", "generation")
FIRST = st.lists(st.sampled_from([None, *NAMES]), min_size=1, max_size=60)
RATES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


def values(first: list[str | None]) -> dict[str, float]:
    return {name: each.value for name, each in hazards(first, NAMES).items()}


def rate(first: list[str | None]) -> float:
    return first.count(None) / len(first)


@given(FIRST, FIRST)
def test_shares_add_up_to_the_difference(a: list[str | None], b: list[str | None]) -> None:
    assert math.fsum(first_failure_delta(a, b).values()) == pytest.approx(
        rate(b) - rate(a), abs=1e-12
    )


@given(FIRST)
def test_the_pass_rate_is_the_product_of_what_the_components_let_pass(a: list[str | None]) -> None:
    assert math.prod(1 - h for h in values(a).values()) == pytest.approx(rate(a), abs=1e-12)


@given(FIRST, FIRST)
def test_effects_add_up_and_change_sign_with_the_runs(
    a: list[str | None], b: list[str | None]
) -> None:
    effects = lmdi(values(a), values(b))
    assert math.fsum(effects.values()) == pytest.approx(rate(b) - rate(a), abs=1e-9)
    back = lmdi(values(b), values(a))
    assert {n: -e for n, e in back.items()} == pytest.approx(effects, abs=1e-9)


def test_the_published_example() -> None:
    a = dict(zip(NAMES, (0.1, 0.05, 0.02), strict=True))
    b = dict(zip(NAMES, (0.12, 0.10, 0.02), strict=True))
    assert [round(100 * each, 2) for each in lmdi(a, b).values()] == [-1.81, -4.36, 0.0]
    assert shapley_product(a, b) == pytest.approx(lmdi(a, b), abs=1e-5)


@given(RATES, RATES)
def test_shapley_is_the_mean_over_all_orders(a: list[float], b: list[float]) -> None:
    before, after = dict(zip(NAMES, a, strict=True)), dict(zip(NAMES, b, strict=True))
    expected = dict.fromkeys(NAMES, 0.0)
    for order in itertools.permutations(NAMES):
        current = dict(before)
        for name in order:
            was = math.prod(1 - h for h in current.values())
            current[name] = after[name]
            expected[name] += (math.prod(1 - h for h in current.values()) - was) / 6
    assert shapley_product(before, after) == pytest.approx(expected, abs=1e-12)


def test_a_component_that_always_fails_has_no_logarithm() -> None:
    a, b = {"x": 1.0, "y": 0.5}, {"x": 0.0, "y": 0.5}
    assert lmdi(a, b) == shapley_product(a, b) == {"x": 0.5, "y": 0.0}


def test_masking_is_told_apart() -> None:
    """Retrieval was repaired and generation did not change, although its share grew."""
    a = ["retrieval"] * 50 + ["generation"] * 10 + [None] * 40
    b = ["generation"] * 20 + [None] * 80
    assert first_failure_delta(a, b) == {"retrieval": 0.5, "generation": pytest.approx(-0.1)}
    effects = lmdi(values(a), values(b))
    assert effects["generation"] == pytest.approx(0, abs=1e-12)
    assert effects["retrieval"] == pytest.approx(0.4)


def test_the_interval_of_an_effect_holds_the_truth() -> None:
    random = np.random.default_rng(3)

    def run(h: float) -> list[str | None]:
        x = random.random((2, 400))
        return ["retrieval" if x[0, i] < h else "generation" if x[1, i] < 0.1 else None for i in range(400)]  # fmt: skip

    a, b = run(0.1), run(0.2)
    found = lmdi_ci(a, b, NAMES, seed=1, draws=400)
    assert found["ranking"] is None
    low, high = found["retrieval"] or (1, 0)
    assert low < 0.9 * -0.1 < high
    assert high < 0
    assert found == lmdi_ci(a, b, NAMES, seed=1, draws=400)
    clustered = lmdi_ci(a, b, NAMES, seed=1, draws=400, clusters=[i // 40 for i in range(400)])
    assert clustered["retrieval"] != found["retrieval"]


SLICES = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.integers(1, 20), st.floats(0, 1)), min_size=1
)


@given(SLICES, SLICES)
def test_quality_and_mix_add_up(
    a: dict[str, tuple[int, float]], b: dict[str, tuple[int, float]]
) -> None:
    weights = [{s: n / sum(m for m, _ in side.values()) for s, (n, _) in side.items()} for side in (a, b)]  # fmt: skip
    rates = [{s: r for s, (_, r) in side.items()} for side in (a, b)]
    found = kitagawa(weights[0], rates[0], weights[1], rates[1])
    total = [math.fsum(w[s] * r[s] for s in w) for w, r in zip(weights, rates, strict=True)]
    assert math.fsum([*found.rate.values(), *found.mix.values()]) == pytest.approx(
        total[1] - total[0], abs=1e-12
    )


def test_a_mix_that_moved_is_no_change_of_quality() -> None:
    rates = {"easy": 1.0, "hard": 0.5}
    found = kitagawa({"easy": 0.5, "hard": 0.5}, rates, {"easy": 0.2, "hard": 0.8}, rates)
    assert set(found.rate.values()) == {0.0}
    assert sum(found.mix.values()) == pytest.approx(-0.15)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(ValueError, match="need a case"):
        first_failure_delta([], ["x"])
    with pytest.raises(ValueError, match="not among"):
        hazards(["elsewhere"], NAMES)
    with pytest.raises(ValueError, match="differ"):
        lmdi({"x": 0.1}, {"y": 0.1})
    with pytest.raises(ValueError, match="no pairs"):
        lmdi_ci([None], [], NAMES, seed=1)

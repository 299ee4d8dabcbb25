import math

import pytest
from hypothesis import given, strategies as st

from regrade.stats.people.agreement import (
    cohen_kappa,
    cohen_kappa_quadratic,
    gwet_ac1,
    krippendorff_alpha,
)

TABLES = st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=3, max_size=3)


def test_kappa_of_a_published_example_and_its_interval() -> None:
    # Fleiss, Levin and Paik 2003, table 18.1: kappa .68, standard error .087 for n = 100
    table = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    found = cohen_kappa(table)
    assert found.value == pytest.approx(0.676, abs=0.001)
    assert (found.interval.high - found.interval.low) / 2 / 1.959964 == pytest.approx(0.0877, abs=0.001)  # fmt: skip


def test_kappa_is_low_where_nearly_everything_passes_and_ac1_is_not() -> None:
    table = [[90, 3], [4, 3]]
    assert cohen_kappa(table).value == pytest.approx(0.42, abs=0.02)
    assert gwet_ac1(table) > 0.9


def test_weighted_kappa_is_that_of_squared_distances() -> None:
    assert cohen_kappa_quadratic([[5, 0, 0], [0, 5, 0], [0, 0, 5]]) == 1
    assert cohen_kappa_quadratic([[0, 0, 5], [0, 0, 0], [5, 0, 0]]) == pytest.approx(-1)
    near, far = [[5, 3, 0], [0, 5, 0], [0, 0, 5]], [[5, 0, 3], [0, 5, 0], [0, 0, 5]]
    assert cohen_kappa_quadratic(near) > cohen_kappa_quadratic(far)
    assert cohen_kappa_quadratic([[7]]) == 1


@given(table=TABLES)
def test_coefficients_do_not_depend_on_who_is_first_and_stay_in_bounds(
    table: list[list[int]],
) -> None:
    if not any(map(sum, table)):
        with pytest.raises(ValueError, match="counts nothing"):
            cohen_kappa(table)
        return
    turned = [list(row) for row in zip(*table, strict=True)]
    for coefficient in (lambda t: cohen_kappa(t).value, cohen_kappa_quadratic, gwet_ac1):
        assert coefficient(table) == pytest.approx(coefficient(turned))
        assert coefficient(table) <= 1 + 1e-9
    found = cohen_kappa(table)
    assert found.interval.low <= found.value <= found.interval.high


def test_edges() -> None:
    assert cohen_kappa([[9, 0], [0, 0]]).interval == (-1.0, 1.0)
    assert gwet_ac1([[4]]) == 1
    for table in ([[1, 2]], [[-1, 0], [0, 1]]):
        with pytest.raises(ValueError, match="square"):
            cohen_kappa(table)


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff 2011: four observers, twelve units; .743 nominal, .815 ordinal, .849 interval
    data = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    assert krippendorff_alpha(data) == pytest.approx(0.743, abs=0.001)
    assert krippendorff_alpha(data, "ordinal") == pytest.approx(0.815, abs=0.001)
    assert krippendorff_alpha(data, "interval") == pytest.approx(0.849, abs=0.001)
    assert math.isnan(krippendorff_alpha([[1, None], [None, 2]]))
    assert krippendorff_alpha([[1, 1], [1, 1]]) == 1

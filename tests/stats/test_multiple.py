import pytest
from hypothesis import given, strategies as st
from scipy import stats as reference

from regrade.stats.multiple import bh, by, can_reject, holm, tarone_k

P = st.lists(st.floats(0, 1), max_size=30)


@given(P)
def test_step_up_is_that_of_scipy(p: list[float]) -> None:
    if p:
        assert bh(p) == pytest.approx(reference.false_discovery_control(p, method="bh").tolist())
        assert by(p) == pytest.approx(reference.false_discovery_control(p, method="by").tolist())
    assert bh([]) == by([]) == holm([]) == []


@given(P)
def test_holm_steps_down(p: list[float]) -> None:
    found = holm(p)
    order = sorted(range(len(p)), key=lambda at: p[at])
    expected, most = {}, 0.0
    for rank, at in enumerate(order):
        most = max(most, min(1.0, p[at] * (len(p) - rank)))
        expected[at] = most
    assert found == pytest.approx([expected[at] for at in range(len(p))])
    assert all(adjusted >= raw - 1e-12 for adjusted, raw in zip(found, p, strict=True))


def test_cells_that_cannot_reject_cost_nothing() -> None:
    assert tarone_k([0, 1, 2, 12, 20], 0.05) == 2
    assert can_reject([0, 1, 2, 12, 20], 0.05) == [False, False, False, True, True]
    assert tarone_k([30] * 40, 0.05) == 40
    assert tarone_k([], 0.05) == 1
    assert tarone_k([1, 1], 0.05) == 1
    assert tarone_k([5], 0.05, sides=1) == 1
    assert can_reject([5], 0.05, sides=1) == [True]
    assert can_reject([5], 0.05) == [False]

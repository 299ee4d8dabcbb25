import random

import pytest
from hypothesis import given, strategies as st

from regrade.stats import mcnemar_mde, mcnemar_n

# Percentage points at 80 % power, two-sided alpha 5 %, by discordance: Connor's formula inverted.
TABLE = [
    (100, 0.10, 8.8),
    (100, 0.20, 12.4),
    (200, 0.05, 4.4),
    (200, 0.10, 6.2),
    (200, 0.20, 8.8),
    (500, 0.10, 4.0),
    (1000, 0.20, 4.0),
    (5000, 0.05, 0.9),
]


@pytest.mark.parametrize(("n", "discordance", "points"), TABLE)
def test_the_detectable_difference_is_that_of_the_table(
    n: int, discordance: float, points: float
) -> None:
    found = mcnemar_mde(n, discordance)
    assert found is not None
    assert round(100 * found, 1) == points


@pytest.mark.long
def test_simulated_power_is_what_was_asked_for() -> None:
    from scipy.stats import chi2

    chance, n, difference, discordance = random.Random(1), 200, 0.0624, 0.1
    losing = (discordance + difference) / 2
    seen = 0
    for _ in range(4000):
        draws = [chance.random() for _ in range(n)]
        losses = sum(each < losing for each in draws)
        wins = sum(losing <= each < discordance for each in draws)
        if losses + wins:
            seen += (losses - wins) ** 2 / (losses + wins) > chi2.ppf(0.95, 1)
    assert 0.76 <= seen / 4000 <= 0.84


def test_too_few_cases_can_detect_nothing() -> None:
    assert mcnemar_mde(20, 0.1) is None
    assert mcnemar_mde(0, 0.1) is None


@given(st.integers(50, 5000), st.floats(0.05, 0.5))
def test_more_cases_detect_smaller_differences(n: int, discordance: float) -> None:
    few, many = mcnemar_mde(n, discordance), mcnemar_mde(2 * n, discordance)
    if few is not None:
        assert many is not None
        assert many <= few
        assert mcnemar_n(few, discordance) <= n < mcnemar_n(few * 0.95, discordance) + 1


@pytest.mark.parametrize(
    ("difference", "discordance"), [(0, 0.1), (0.2, 0.1), (0.1, 1.5), (-0.1, 0.1)]
)
def test_impossible_differences_are_refused(difference: float, discordance: float) -> None:
    with pytest.raises(ValueError, match="is impossible"):
        mcnemar_n(difference, discordance)

import pytest

from regrade.stats import detectable_change, mcnemar_mde, mcnemar_n

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


@pytest.mark.no_cover
def test_the_power_is_what_was_asked_for() -> None:
    """Summed over every outcome: counts are whole, so that it is a little more."""
    from scipy.stats import binom, chi2

    n, difference, discordance = 200, 0.0624, 0.1
    share = (discordance + difference) / 2 / discordance
    power = 0.0
    for m in range(1, 100):
        seen = [k for k in range(m + 1) if (2 * k - m) ** 2 / m > chi2.ppf(0.95, 1)]
        power += binom.pmf(m, n, discordance) * sum(binom.pmf(k, m, share) for k in seen)
    assert 0.8 <= power <= 0.85


def test_a_change_is_shown_beside_noise_and_more_noise_hides_more() -> None:
    changes = [detectable_change(200, noise) for noise in (0.0, 0.05, 0.2)]
    assert changes == sorted(changes)  # type: ignore[type-var]  # all there
    assert changes[0] == pytest.approx(0.0388, abs=0.001)
    for noise in (0.0, 0.1):
        found = detectable_change(500, noise)
        assert found is not None
        assert (
            mcnemar_n(found, noise + found) <= 500 < mcnemar_n(found * 0.98, noise + found * 0.98)
        )
    assert detectable_change(3, 0.0) is None
    assert detectable_change(0, 0.0) is None


@pytest.mark.parametrize(("difference", "discordance"), [(0, 0.1), (0.2, 0.1), (0.1, 1.5)])
def test_impossible_differences_are_refused(difference: float, discordance: float) -> None:
    with pytest.raises(ValueError, match="impossible"):
        mcnemar_n(difference, discordance)

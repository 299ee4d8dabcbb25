"""Two runs on the same cases: what a comparison of them can see."""

import math

from .intervals import normal_quantile


def mcnemar_n(
    difference: float, discordance: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Give the number of pairs that McNemar's test needs to see a difference.

    Shapes: `difference` of the two pass rates, 0 < difference <= discordance; `discordance` is the
    share of cases whose outcome differs between the runs, either way. Two-sided.
    Raises: ValueError when the two contradict each other.
    Source: Connor 1987, Biometrics 43:207-211, after Miettinen 1968.
    """
    if not 0 < difference <= discordance <= 1:
        raise ValueError(
            f"a difference of {difference!r} with a discordance of {discordance!r} is impossible"
        )
    z_alpha, z_beta = normal_quantile(1 - alpha / 2), normal_quantile(power)
    spread = z_alpha * math.sqrt(discordance) + z_beta * math.sqrt(discordance - difference**2)
    return math.ceil(spread**2 / difference**2)


def mcnemar_mde(
    n: int, discordance: float, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Give the smallest difference of pass rates that n pairs can detect; None when they can detect
    none.

    The inverse of `mcnemar_n`, found by bisection to 1e-6.
    """
    if n < 1 or mcnemar_n(discordance, discordance, alpha, power) > n:
        return None
    low, high = 0.0, discordance
    while high - low > 1e-6:
        middle = (low + high) / 2
        if mcnemar_n(middle, discordance, alpha, power) > n:
            low = middle
        else:
            high = middle
    return high


def detectable_change(
    n: int, noise: float, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Give the smallest difference of pass rates that n pairs can detect, where a share `noise` of
    them differs for other reasons; None when they can detect none.

    The discordance is the noise and the difference together, at most 1; two-sided alpha.
    Source: Connor 1987, as `mcnemar_n`; found by bisection to 1e-6.
    """

    def needed(difference: float) -> int:
        return mcnemar_n(difference, min(1.0, noise + difference), alpha, power)

    if n < 1 or needed(1.0) > n:
        return None
    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) > n else (low, middle)
    return high

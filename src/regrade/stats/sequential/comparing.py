"""Two live streams compared while both run: a stop rule that may be looked at always."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

BLOCK = 10
"""Observations of each stream in one block."""
STOP = 20.0
"""Evidence at which the question is decided: wrong in at most one comparison of twenty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The evidence of two streams."""

    blocks: int
    """Blocks of ten and ten that were compared."""
    worse: float
    """Evidence that the second passes less often than the first; decided at 20."""
    not_worse: float
    """Evidence that it does not pass less often by more than the margin."""


def compare_streams(first: Sequence[bool], second: Sequence[bool], margin: float = 0.02) -> Streams:
    """Compare two streams block by block, with bets from the blocks before.

    Shapes: each in the order in which it came; what fills no block waits.
    Guarantee: whatever is looked at when, the chance that `worse` ever reaches 20 is at most 1/20 where the
    second stream is at least as good, and so is that of `not_worse` where it is worse by the margin or more.
    Source: Turner, Ly, Grünwald 2024, Statistics & Probability Letters 204:109947 (safe tests of two
    proportions), with plug-in rates; the margin by bets on the difference (Waudby-Smith and Ramdas 2024).
    """
    blocks = min(len(first), len(second)) // BLOCK
    worse = not_worse = 0.0
    seen_a = seen_b = 0
    best_worse = best_not = 0.0
    for at in range(blocks):
        a = sum(first[at * BLOCK : (at + 1) * BLOCK])
        b = sum(second[at * BLOCK : (at + 1) * BLOCK])
        rate_a, rate_b = _rate(seen_a, at), _rate(seen_b, at)
        if rate_b < rate_a:
            worse += _gain(a, b, rate_a, rate_b)
        not_worse += _bet(a, b, rate_a, rate_b, margin)
        seen_a, seen_b = seen_a + a, seen_b + b
        best_worse, best_not = max(best_worse, worse), max(best_not, not_worse)
    return Streams(
        blocks=blocks, worse=math.exp(min(best_worse, 600)), not_worse=math.exp(min(best_not, 600))
    )


def _rate(passes: int, blocks: int) -> float:
    return (passes + 1) / (blocks * BLOCK + 2)


def _gain(a: int, b: int, rate_a: float, rate_b: float) -> float:
    """Logarithm of the ratio of two rates' likelihood to that of their mean."""
    middle = (rate_a + rate_b) / 2
    return (
        a * math.log(rate_a / middle)
        + (BLOCK - a) * math.log((1 - rate_a) / (1 - middle))
        + b * math.log(rate_b / middle)
        + (BLOCK - b) * math.log((1 - rate_b) / (1 - middle))
    )


def _bet(a: int, b: int, rate_a: float, rate_b: float, margin: float) -> float:
    """Logarithm of what a bet on "not worse by the margin" gains: 1 + bet * (difference + margin), whose mean
    is at most 1 where the difference is -margin or less.
    """
    middle = rate_b - rate_a + margin
    spread = (rate_a * (1 - rate_a) + rate_b * (1 - rate_b)) / BLOCK
    bet = max(0.0, min(0.9 / (1 - margin), middle / (spread + middle * middle)))
    return math.log1p(bet * ((b - a) / BLOCK + margin))

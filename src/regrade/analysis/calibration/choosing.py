"""What to label next: at random within each verdict, failures more often."""

import random
from collections.abc import Container, Sequence
from dataclasses import dataclass

from .items import Item, Place

FAIL_SHARE = 0.4
"""The share of what is labelled that the judge failed, as far as there is so much."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer to label."""

    item: Item
    """The answer."""
    probability: float
    """How likely it was to be chosen, among those with the judge's verdict that nobody labelled."""


def choose(items: Sequence[Item], known: Container[Place], n: int, seed: int = 0) -> list[Chosen]:
    """Choose n answers that nobody labelled yet, in an order that says nothing of the verdict."""
    open_ = [item for item in items if item.place not in known]
    fails = [item for item in open_ if not item.passed]
    passes = [item for item in open_ if item.passed]
    from_fails = min(len(fails), max(round(FAIL_SHARE * n), n - len(passes)))
    from_passes = min(len(passes), n - from_fails)
    chance = random.Random(seed)  # noqa: S311  which ones, not a secret
    chosen = [
        Chosen(item, number / len(some))
        for some, number in ((fails, from_fails), (passes, from_passes))
        for item in chance.sample(some, number)
    ]
    chance.shuffle(chosen)
    return chosen

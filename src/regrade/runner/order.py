"""The order of a run: random, seeded, and the same mix of slices in every part of it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from regrade.domain import Case


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt to make."""

    case: Case
    """The case to ask."""
    trial: int
    """Which of its trials this is, from 0."""


def random_order(cases: Sequence[Case], trials: int, seed: int) -> list[Work]:
    """Order the cases at random, each of them as likely in every place, all trials of a case together:
    the order in which a verdict may come early.
    """
    mixed = list(cases)
    random.Random(seed).shuffle(mixed)  # noqa: S311  an order, not a secret
    return [Work(case, trial) for case in mixed for trial in range(trials)]


def stratified_order(
    cases: Sequence[Case], trials: int, seed: int, tags: Sequence[str] | None = None
) -> list[Work]:
    """Order all attempts at random so that every first part of them holds each slice in its share.

    A run that stops early is then a fair sample of the whole. All first trials come before all
    second ones. `tags` are the slices; None for kind and difficulty.
    """
    names = ("kind", "difficulty") if tags is None else (*tags, "kind", "difficulty")
    strata: defaultdict[tuple[str | None, ...], list[Case]] = defaultdict(list)
    for case in cases:
        found = case.dimensions
        strata[tuple(found.get(name) for name in names)].append(case)
    chance = random.Random(seed)  # noqa: S311  an order, not a secret
    placed: list[tuple[float, int, Case]] = []
    for stratum in strata.values():
        chance.shuffle(stratum)
        start = chance.random()
        placed += [
            ((index + start) / len(stratum), len(placed) + index, case)
            for index, case in enumerate(stratum)
        ]
    placed.sort(key=lambda item: item[:2])
    return [Work(case, trial) for trial in range(trials) for _, _, case in placed]

"""Two runs, brought to the same cases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regrade.domain import Attempt, Run

from .deltas import Cell
from .pairing import PASS, Aspects, Pairing, count, pair


@dataclass(frozen=True, slots=True)
class Both:
    """Two runs, brought to the same cases."""

    pairing: Pairing
    """The cases."""
    before: Aspects
    """The baseline's counts, one entry a matched case."""
    after: Aspects
    """The candidate's."""
    attempts_before: Mapping[str, Sequence[Attempt]]
    """The baseline's attempts by case id."""
    attempts_after: Mapping[str, Sequence[Attempt]]
    """The candidate's."""
    clusters: np.ndarray | None
    """The cluster of every matched case; None where each stands for itself."""

    @classmethod
    def of(cls, baseline: Run, candidate: Run) -> "Both":
        """Pair the cases, and count how they came out."""
        pairing = pair(baseline, candidate)
        old = {pairing.before[key].id: at for at, key in enumerate(pairing.matched)}
        new = {pairing.after[key].id: at for at, key in enumerate(pairing.matched)}
        n = len(pairing.matched)
        names = [pairing.after[key].cluster for key in pairing.matched]
        return cls(
            pairing,
            count(baseline.attempts, old, n),
            count(candidate.attempts, new, n),
            _by_case(baseline.attempts, old),
            _by_case(candidate.attempts, new),
            _clusters(names),
        )

    @property
    def matched(self) -> Sequence[tuple[str, int]]:
        """The keys of the cases of both."""
        return self.pairing.matched

    @property
    def ids(self) -> list[tuple[str, str]]:
        """The ids of every matched case in both runs."""
        return [(self.pairing.before[key].id, self.pairing.after[key].id) for key in self.matched]

    @property
    def judged(self) -> np.ndarray:
        """Whether both runs judged each case."""
        return np.asarray((self.before[PASS].trials > 0) & (self.after[PASS].trials > 0))

    def cell(self, aspect: str) -> Cell:
        """Give an aspect over all matched cases."""
        return Cell(self.before[aspect], self.after[aspect], self.clusters)

    def is_pass_rate(self, aspect: str) -> bool:
        """Whether an aspect came out as the cases themselves did, throughout."""
        return all(
            np.array_equal(counts[aspect].passes, counts[PASS].passes)
            and np.array_equal(counts[aspect].trials, counts[PASS].trials)
            for counts in (self.before, self.after)
        )

    def attempt_pairs(self) -> Iterator[tuple[Attempt, Attempt]]:
        """Give judged attempts at the same cases, trial by trial."""
        for old, new in self.ids:
            a = [x for x in self.attempts_before.get(old, ()) if x.outcome != "ungraded"]
            b = [x for x in self.attempts_after.get(new, ()) if x.outcome != "ungraded"]
            yield from zip(a, b, strict=False)


def _by_case(attempts: Sequence[Attempt], places: Mapping[str, int]) -> dict[str, list[Attempt]]:
    found: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        if attempt.case.id in places:
            found.setdefault(attempt.case.id, []).append(attempt)
    for some in found.values():
        some.sort(key=lambda attempt: attempt.trial)
    return found


def _clusters(names: Sequence[str | None]) -> np.ndarray | None:
    """Number the clusters; None where no case has one."""
    if not any(name is not None for name in names):
        return None
    numbers: dict[str, int] = {}
    keys = (f"\0{at}" if name is None else name for at, name in enumerate(names))
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])

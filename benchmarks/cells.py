"""Compare 200 slices × 20 criteria over 100,000 paired attempts: `cells.py TRIALS`, tries a case (1 or more).

Every case is in one of 200 slices, and 90 % of the attempts pass. Prints the seconds of CPU and of wall clock that all
4,000 intervals, tests and corrections take.
"""

import json
import sys
import time

import numpy as np

from regrade.analysis.comparison.deltas import Cell, deltas
from regrade.analysis.comparison.pairing import Counts

ATTEMPTS, SLICES, CRITERIA = 100_000, 200, 20


def main(trials: int) -> None:
    chance = np.random.default_rng(1)
    cases = ATTEMPTS // trials
    slices = chance.integers(0, SLICES, cases)
    members = [np.flatnonzero(slices == at) for at in range(SLICES)]

    def counts() -> Counts:
        passes = chance.binomial(trials, 0.9, cases)
        return Counts(passes, np.full(cases, trials))

    pairs = [Cell(counts(), counts()) for _ in range(CRITERIA)]
    began, wall = time.process_time(), time.perf_counter()
    found = deltas([cell.part(some) for cell in pairs for some in members])
    took = {"cpu_s": time.process_time() - began, "wall_s": time.perf_counter() - wall}
    assert len(found) == SLICES * CRITERIA
    alarms = sum(each.verdict != "not_enough_evidence" for each in found)
    assert alarms <= 2, "nothing changed: one alarm in twenty tables, at most"
    print(json.dumps(took))


if __name__ == "__main__":
    main(int(sys.argv[1]))

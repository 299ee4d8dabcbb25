"""A verdict before all cases are run: an e-process over cases in random order, valid whenever it is
looked at. Loads numpy and scipy, and is imported by its own name.
"""

from collections.abc import Mapping, Sequence

from regrade.analysis.comparison.pairing import pair
from regrade.domain import Attempt, Case, Dataset, EarlyOutcome, EarlyVerdict, Run
from regrade.stats.gates import paired_eprocess

ALPHA = 0.05
"""The error of each of the two, where no gate says another."""
_STEP = 0.05
"""The share of further cases after which the fortunes are looked at again."""


class EarlyLook:
    """Compares a run with a baseline while it is made, case by case in the order of the work.

    The order has to be random and all trials of a case together: see `runner.random_order`. A case
    that nobody could judge counts as the worst that it could be for either claim.
    """

    def __init__(
        self, baseline: Run, dataset: Dataset, trials: int, *, margin: float, alpha: float = ALPHA
    ) -> None:
        """Take the baseline, the cases to run and how often, the drop that is tolerated, and the
        error of each claim.
        """
        self._known = _rates(baseline, dataset)
        self._name = baseline.header.label or baseline.header.run_id
        self._trials, self._margin, self._alpha = trials, margin, alpha
        self._order: list[str] = []
        self._waiting: dict[str, list[Attempt]] = {}
        self._best: list[float] = []
        self._worst: list[float] = []
        self._looked_at = 0

    @property
    def total(self) -> int:
        """Cases of both versions that the baseline judged."""
        return len(self._known)

    def begin(self, order: Sequence[Case]) -> None:
        """Take the order in which cases are begun, whatever the order in which they end."""
        self._order = list(dict.fromkeys(case.id for case in order if case.id in self._known))

    def see(self, attempts: Sequence[Attempt]) -> EarlyVerdict | None:
        """Take finished attempts; give the verdict as soon as there is one."""
        for attempt in attempts:
            if attempt.case.id in self._known:
                self._waiting.setdefault(attempt.case.id, []).append(attempt)
        self._take_in_order()
        seen = len(self._worst)
        is_worth_it = seen == self.total or seen >= self._looked_at * (1 + _STEP)
        if seen == self._looked_at or not is_worth_it:
            return None
        self._looked_at = seen
        return self._judge()

    def _take_in_order(self) -> None:
        """Take what is complete, up to the first case that is not: slow cases are waited for."""
        for case in self._order[len(self._worst) :]:
            made = self._waiting.get(case, ())
            if len(made) < self._trials:
                return
            before = self._known[case]
            passed = sum(each.outcome == "passed" for each in made) / self._trials
            open_ = sum(each.outcome == "ungraded" for each in made) / self._trials
            self._worst.append(passed - before)
            self._best.append(passed + open_ - before)
            del self._waiting[case]

    def _judge(self) -> EarlyVerdict | None:
        enough = 1 / self._alpha
        worse = paired_eprocess(self._best, self.total, null="not_worse")
        within = paired_eprocess(self._worst, self.total, null="inferior", margin=self._margin)
        for at, (for_worse, for_within) in enumerate(zip(worse, within, strict=True), start=1):
            if for_worse >= enough:
                return self._verdict("worse", at)
            if for_within >= enough:
                return self._verdict("not_inferior", at)
        return None

    def _verdict(self, outcome: EarlyOutcome, cases: int) -> EarlyVerdict:
        return EarlyVerdict(
            outcome=outcome,
            cases=cases,
            total=self.total,
            baseline=self._name,
            margin=self._margin,
            alpha=self._alpha,
        )


def _rates(baseline: Run, dataset: Dataset) -> Mapping[str, float]:
    """Give the baseline's pass rate of every case of both that it judged, by its id here."""
    there = Run(header=baseline.header, dataset=dataset, attempts=(), summary=baseline.summary)
    pairing = pair(baseline, there)
    judged: dict[str, list[bool]] = {}
    for attempt in baseline.attempts:
        if attempt.outcome != "ungraded":
            judged.setdefault(attempt.case.id, []).append(attempt.outcome == "passed")
    found = {}
    for key in pairing.matched:
        passes = judged.get(pairing.before[key].id)
        if passes:
            found[pairing.after[key].id] = sum(passes) / len(passes)
    return found

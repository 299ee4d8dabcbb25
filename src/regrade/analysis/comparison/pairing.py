"""Cases of two runs, paired by their content: what was asked, and what was expected."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regrade.analysis.dimensions import dimension_of
from regrade.domain import Attempt, Case, GraderSpec, Run

PASS = "pass_rate"  # noqa: S105  the name of an aspect
"""The aspect that is the outcome itself; others are `criterion:…`, `component:…`, `dimension:…`."""
Key = tuple[str, int]
"""A pairing key, and which of the cases that share it."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The cases of both runs."""

    matched: tuple[Key, ...]
    """Those that both have, in the candidate's order."""
    before: Mapping[Key, Case]
    """The baseline's."""
    after: Mapping[Key, Case]
    """The candidate's."""
    changed: tuple[str, ...]
    """Ids that both have, of different content."""

    @property
    def added(self) -> tuple[str, ...]:
        """Ids of cases that only the candidate has, changed ones left out."""
        ids = (case.id for key, case in self.after.items() if key not in self.before)
        return tuple(each for each in ids if each not in {*self.changed})

    @property
    def removed(self) -> tuple[str, ...]:
        """Ids of cases that only the baseline has, changed ones left out."""
        ids = (case.id for key, case in self.before.items() if key not in self.after)
        return tuple(each for each in ids if each not in {*self.changed})


def pair(baseline: Run, candidate: Run) -> Pairing:
    """Pair the cases of two runs by their pairing keys."""
    before, after = _keyed(baseline), _keyed(candidate)
    matched = tuple(key for key in after if key in before)
    gone = {case.id for key, case in before.items() if key not in after}
    new = (case.id for key, case in after.items() if key not in before)
    return Pairing(matched, before, after, tuple(each for each in new if each in gone))


def _keyed(run: Run) -> dict[Key, Case]:
    seen: defaultdict[str, int] = defaultdict(int)
    found: dict[Key, Case] = {}
    for case in run.dataset.cases:
        found[case.pairing_key, seen[case.pairing_key]] = case
        seen[case.pairing_key] += 1
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each case passed in one aspect: one entry a case."""

    passes: np.ndarray
    """Passes."""
    trials: np.ndarray
    """Attempts that were judged."""


Aspects = Mapping[str, Counts]
"""Counts by aspect."""


def count(attempts: Sequence[Attempt], places: Mapping[str, int], cases: int) -> dict[str, Counts]:
    """Count passes by aspect and case: of attempts at the cases that have a place.

    An aspect that several graders speak for holds where none of them fails it; one of its graders
    that broke leaves a pass open.
    """
    kept = [attempt for attempt in attempts if attempt.case.id in places]
    at_case = np.array([places[attempt.case.id] for attempt in kept], dtype=np.intp)
    judged = np.array([attempt.outcome != "ungraded" for attempt in kept], dtype=bool)
    passed = np.array([attempt.outcome == "passed" for attempt in kept], dtype=bool)
    found = {PASS: _by_case(at_case, judged, passed, cases)}
    grades = _Grades.of(kept)
    answered = np.array([attempt.trace.error is None for attempt in kept], dtype=bool)
    broken = _broken(kept)
    for aspect, specs in grades.aspects().items():
        has, fails = grades.judge(specs, len(kept))
        if aspect.startswith("dimension:"):
            has &= answered
        has &= fails | ~broken.get(aspect, np.zeros(len(kept), dtype=bool))
        if has.any():
            found[aspect] = _by_case(at_case, has, ~fails, cases)
    return found


def _by_case(at_case: np.ndarray, judged: np.ndarray, passed: np.ndarray, cases: int) -> Counts:
    return Counts(
        np.bincount(at_case[judged & passed], minlength=cases),
        np.bincount(at_case[judged], minlength=cases),
    )


@dataclass(frozen=True, slots=True)
class _Grades:
    """All grades of many attempts, one entry each."""

    attempt: np.ndarray
    """The place of the attempt."""
    grader: np.ndarray
    """The place of the grader."""
    code: np.ndarray
    """1 passed, 0 failed, -1 abstained."""
    specs: Sequence[GraderSpec]
    """The graders."""

    @classmethod
    def of(cls, attempts: Sequence[Attempt]) -> "_Grades":
        specs: dict[int, GraderSpec] = {}
        for attempt in attempts:
            for grade in attempt.grades:
                if grade.spec is not None:
                    specs.setdefault(id(grade.spec), grade.spec)
        places = {identity: at for at, identity in enumerate(specs)}
        numbers = [len(attempt.grades) for attempt in attempts]
        return cls(
            np.repeat(np.arange(len(attempts)), numbers),
            np.array(
                [places.get(id(g.spec), -1) for a in attempts for g in a.grades], dtype=np.intp
            ),
            np.array([_CODES[g.passed] for a in attempts for g in a.grades], dtype=np.int8),
            [*specs.values()],
        )

    def aspects(self) -> dict[str, list[int]]:
        """Give the graders that speak for each aspect."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for at, spec in enumerate(self.specs):
            for aspect in _aspects_of(spec):
                found[aspect].append(at)
        return found

    def judge(self, specs: Sequence[int], attempts: int) -> tuple[np.ndarray, np.ndarray]:
        """Say of every attempt whether any of some graders judged it, and whether any failed it."""
        speaks = np.zeros(len(self.specs) + 1, dtype=bool)
        speaks[[*specs]] = True
        mine = speaks[self.grader] & (self.code >= 0)
        has = np.bincount(self.attempt[mine], minlength=attempts) > 0
        fails = np.bincount(self.attempt[mine & (self.code == 0)], minlength=attempts) > 0
        return has, fails


_CODES = {True: 1, False: 0, None: -1}


def _aspects_of(spec: GraderSpec) -> Iterator[str]:
    if spec.criterion is not None:
        yield f"criterion:{spec.criterion}"
    if spec.component is not None:
        yield f"component:{spec.component}"
    if (dimension := dimension_of(spec)) is not None:
        yield f"dimension:{dimension}"


def _broken(attempts: Sequence[Attempt]) -> dict[str, np.ndarray]:
    """Say of every attempt in which aspects a grader broke."""
    found: dict[str, np.ndarray] = {}
    for at, attempt in enumerate(attempts):
        for failure in attempt.failures:
            for aspect in _aspects_of(failure.spec):
                if aspect not in found:
                    found[aspect] = np.zeros(len(attempts), dtype=bool)
                found[aspect][at] = True
    return found


def specs_of(run: Run) -> list[GraderSpec]:
    """Give the graders of a run, each once."""
    found: dict[int, GraderSpec] = {}
    for attempt in run.attempts:
        for grade in attempt.grades:
            if grade.spec is not None:
                found.setdefault(id(grade.spec), grade.spec)
        for failure in attempt.failures:
            found.setdefault(id(failure.spec), failure.spec)
    return [*found.values()]

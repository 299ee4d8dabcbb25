"""Cases in quarantine, tried: those that come out alike every time leave it."""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from regrade.domain import Run
from regrade.store import Store
from regrade.suites import load_suite
from regrade.suites.quarantine import files_of, release

from .running import run_suite


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of cases in quarantine."""

    run: Run
    """The run that tried them."""
    failing: tuple[str, ...]
    """Those that failed every time: they show the failure, and are released."""
    passing: tuple[str, ...]
    """Those that passed every time: they hold what was mended, and are released."""
    unsteady: tuple[str, ...]
    """Those that came out differently, or that nobody could judge: they stay in quarantine."""


async def try_quarantined(path: Path, *, store: Store, trials: int = 3) -> Tried:
    """Try the cases of a suite that are in quarantine, and release those that come out alike every time.

    Raises: UsageError where none is in quarantine, SuiteError, TargetSetupError, StoreError.
    """
    suite = load_suite(path, {"trials": trials}, quarantined=True)
    fresh = replace(suite.settings, cache_answers=False, cache_grades=False)
    suite = replace(suite, settings=fresh)
    done = await run_suite(suite, store=store, suite_path=path)
    outcomes: defaultdict[str, set[str]] = defaultdict(set)
    for attempt in done.run.attempts:
        outcomes[attempt.case.id].add(attempt.outcome)
    by_kind: dict[str, list[str]] = {"failed": [], "passed": [], "": []}
    for case in suite.dataset.cases:
        found = outcomes[case.id]
        kind = next(iter(found)) if len(found) == 1 else ""
        by_kind[kind if kind in by_kind else ""].append(case.id)
    steady = {*by_kind["failed"], *by_kind["passed"]}
    for each in files_of(path):
        release(each, steady)
    return Tried(done.run, tuple(by_kind["failed"]), tuple(by_kind["passed"]), tuple(by_kind[""]))

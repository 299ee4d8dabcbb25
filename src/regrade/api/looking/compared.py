"""Two runs compared, and kept: what was read of them does not change, so that it is worked out once."""

import threading
from dataclasses import dataclass

from regrade import __version__
from regrade.api.comparing import compare_runs
from regrade.api.stored import load_run
from regrade.domain import Json, RunHeader
from regrade.report.comparison import comparison_document, words
from regrade.report.html import comparison_parts
from regrade.store import Store

KEPT = "comparison"
MOST_CASES = 60
"""Changed cases that are shown with their answers, of regressed and of fixed ones each; others are named."""
_AT_WORK = threading.Lock()
"""One comparison at a time: two people who open the same page wait for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison as pages show it."""

    baseline: RunHeader
    """The run that is compared with."""
    candidate: RunHeader
    """The run that is looked at."""
    verdict: str
    """What it shows: better, worse, …"""
    headline: str
    """That in a line, with the rates."""
    ship: str
    """Whether the change is worth shipping."""
    changes: list[str]
    """What differs between the versions."""
    regressed: list[str]
    """The ids of the cases that got worse."""
    fixed: list[str]
    """The ids of those that got better."""
    document: Json
    """All of it, as `regrade compare --json` gives it."""
    html: str
    """All of it, as the report shows it: markup of ours, in which everything else is escaped."""


def compared(
    store: Store, baseline: RunHeader, candidate: RunHeader, *, only_known: bool = False
) -> Compared | None:
    """Compare two runs that have ended; with `only_known`, give None where that was not worked out yet.

    Raises: StoreError.
    """
    labels = store.labels.newest(candidate.suite.name)
    name = f"{baseline.run_id} {candidate.run_id}"
    version = f"{__version__} {baseline.finished_at} {candidate.finished_at} {labels}"
    known = store.kept.get(KEPT, name, version)
    if known is None:
        if only_known:
            return None
        with _AT_WORK:
            known = store.kept.get(KEPT, name, version)
            if known is None:
                known = _worked_out(store, baseline, candidate)
                store.kept.put(KEPT, name, version, known)
    return Compared(baseline=baseline, candidate=candidate, **known)


def _worked_out(store: Store, baseline: RunHeader, candidate: RunHeader) -> Json:
    runs = [load_run(each.run_id, store=store) for each in (baseline, candidate)]
    found = compare_runs(*runs, store=store)
    return {
        "verdict": found.verdict,
        "headline": words.headline(found),
        "ship": found.ship,
        "changes": [*found.version_changes],
        "regressed": [each.case for each in found.regressed],
        "fixed": [each.case for each in found.fixed],
        "document": comparison_document(found),
        "html": comparison_parts(found, f"/runs/{candidate.run_id}/cases/", MOST_CASES),
    }

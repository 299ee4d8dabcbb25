"""Look at a suite before it is run."""

from collections.abc import Iterator

from regrade.analysis import RunOutcomes, examine_items
from regrade.domain import Suite
from regrade.domain.errors import TargetSetupError
from regrade.store import Store
from regrade.suites import Finding, by_experience, examine

MOST_RUNS = 30
"""Earlier runs that are looked at."""


async def check_suite(suite: Suite, store: Store | None = None) -> list[Finding]:
    """Say what can be said of a suite without asking its target for answers; with a store also what
    earlier runs say of its cases.
    """
    findings = await examine(suite)
    if store is not None:
        findings += _experience(suite, store)
    try:
        await suite.target.reach()
    except TargetSetupError as error:
        findings.append(Finding("error", f"the target cannot be reached: {error}"))
    return findings


def _experience(suite: Suite, store: Store) -> Iterator[Finding]:
    headers = [
        header
        for header in store.headers(limit=MOST_RUNS, suite=suite.outline.name)
        if header.status == "finished" and header.regraded_from is None
    ]
    runs = [RunOutcomes(h.target_version, store.outcomes(h.run_id)) for h in headers]
    names = {case.pairing_key: case.id for case in suite.dataset.cases}
    return by_experience(examine_items([*names], runs), names)

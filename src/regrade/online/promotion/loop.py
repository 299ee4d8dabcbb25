"""For each alert the cases that came of it, and whether later runs pass them."""

from collections import defaultdict

from regrade.domain.live import Alert
from regrade.domain.live.findings import ClosedLoop, LaterRun
from regrade.store import Store

MOST_RUNS = 30
"""The newest runs that are looked at."""


def closed_loops(store: Store, project: int) -> list[ClosedLoop]:
    """Give the loops of a project: alerts with and without cases, the newest first, and cases without an alert last."""
    by_alert: defaultdict[int | None, list[str]] = defaultdict(list)
    for row in store.promotions.of(project):
        if row.case_id not in by_alert[row.alert]:
            by_alert[row.alert].append(row.case_id)
    wanted = {case for cases in by_alert.values() for case in cases}
    headers = [each for each in store.headers(MOST_RUNS) if each.status == "finished"][::-1]
    outcomes = {
        each.run_id: store.outcomes.of_cases(each.run_id, sorted(wanted)) for each in headers
    }
    loops = []
    alerts: list[Alert | None] = [*store.live.alerts.listed(project)]
    for alert in [*alerts, None]:
        cases = by_alert.get(None if alert is None else alert.alert, [])
        if alert is None and not cases:
            continue
        runs = []
        for header in headers:
            found = [o for case in cases if (o := outcomes[header.run_id].get(case)) is not None]
            if found:
                runs.append(
                    LaterRun(
                        run_id=header.run_id,
                        label=header.label,
                        target_version=header.target_version,
                        started_at=header.started_at,
                        passed=sum(found),
                        judged=len(found),
                    )
                )
        loops.append(ClosedLoop(alert=alert, cases=cases, runs=runs))
    return loops

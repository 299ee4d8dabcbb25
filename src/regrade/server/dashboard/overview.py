"""The first page: every suite and monitor at a glance, and what waits for a person."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from regrade.api.looking.monitors import lag_s, monitors_now
from regrade.api.looking.reviewing import waiting_now
from regrade.api.looking.suites import SuiteNow, suites
from regrade.report.charts.lines import LineChart, line_chart
from regrade.report.comparison.words import VERDICTS
from regrade.report.live.alert import alert_title
from regrade.report.words import percent

from .rendering import page
from .visiting import Visits


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""

    @router.get("/")
    def overview(request: Request) -> Response:
        visit = visits(request)
        store, project = visit.store, visit.project
        found = suites(store)
        monitors = monitors_now(store, project)
        standing = store.live.alerts.listed(project, is_open=True, limit=20)
        return page(
            visit,
            "overview.html",
            suites=[(each, _spark(each)) for each in found],
            verdicts=VERDICTS,
            monitors=monitors,
            alerts=[(each, alert_title(each)) for each in standing],
            lag=lag_s(store, visit.clock.now_ms()),
            waiting=waiting_now(store, project, who=visit.person),
            traces=store.live.traces.any_of(project),
        )


def _spark(suite: SuiteNow) -> LineChart:
    return line_chart([each.series.get("pass_rate") for each in suite.history], percent)

"""Monitors with their running estimates, and alerts with what was found out of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from regrade.api.looking.monitors import (
    MonitorNow,
    Point,
    lag_s,
    monitors_now,
    running_estimate,
    shown_series,
)
from regrade.domain import Estimate
from regrade.domain.errors import UsageError
from regrade.domain.live import Alert
from regrade.domain.live.findings import SeriesEstimate
from regrade.online import live_rates
from regrade.online.alerts import change_alert, mute_series
from regrade.report.charts.lines import LineChart, line_chart
from regrade.report.live.alert import alert_lines, alert_title
from regrade.report.words import percent

from .rendering import Visit, go_to, page
from .visiting import Form, Visits, read_form

ALERTS = 100
"""Alerts that are listed."""


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""
    _add_monitors(router, visits)
    _add_alerts(router, visits)


def _add_monitors(router: APIRouter, visits: Visits) -> None:
    @router.get("/monitors")
    def monitors(request: Request) -> Response:
        visit = visits(request)
        return page(
            visit,
            "monitors.html",
            monitors=monitors_now(visit.store, visit.project),
            alerting=visit.store.live.alerts.alerting(visit.project),
            lag=lag_s(visit.store, visit.clock.now_ms()),
        )

    @router.get("/monitors/{name:anything}")
    def monitor(request: Request, name: str, *, series: str = "", slice: str = "") -> Response:
        visit = visits(request)
        found = _monitor(visit, name)
        estimates = found.estimates
        asked = None if estimates is None else shown_series(estimates, series, slice)
        points: list[Point] = []
        if asked is not None and estimates is not None:
            points = running_estimate(
                visit.store, visit.project, name, asked.series, estimates.since_ms
            )
        return page(
            visit,
            "monitor.html",
            found=found,
            asked=asked,
            points=points,
            chart=_chart(points, asked),
            rates=live_rates(visit.store, visit.project, name) if estimates is None else [],
            alerts=[(e, alert_title(e)) for e in _alerts_of(visit, name)],
            alerting=visit.store.live.alerts.alerting(visit.project),
            lag=lag_s(visit.store, visit.clock.now_ms()),
        )


def _monitor(visit: Visit, name: str) -> MonitorNow:
    found = monitors_now(visit.store, visit.project, name)
    if not found:
        raise HTTPException(404, f"there is no monitor {name!r}")
    return found[0]


def _alerts_of(visit: Visit, name: str) -> list[Alert]:
    listed = visit.store.live.alerts.listed(visit.project, limit=ALERTS)
    return [each for each in listed if each.monitor == name]


def _chart(points: list[Point], asked: SeriesEstimate | None) -> LineChart | None:
    if not points:
        return None
    drawn = [Estimate(each.value, each.low, each.high, each.n) for each in points]
    return line_chart(drawn, percent, bar=None if asked is None else asked.tolerated)


def _add_alerts(router: APIRouter, visits: Visits) -> None:
    @router.get("/alerts")
    def alerts(request: Request, *, state: str = "") -> Response:
        visit = visits(request)
        is_open = {"open": True, "over": False}.get(state)
        found = visit.store.live.alerts.listed(visit.project, is_open=is_open, limit=ALERTS)
        return page(
            visit,
            "alerts.html",
            alerts=[(each, alert_title(each)) for each in found],
            state=state,
        )

    @router.get("/alerts/{alert}")
    def alert(request: Request, alert: int) -> Response:
        visit = visits(request)
        found = visit.store.live.alerts.get(visit.project, alert) if 0 <= alert < 2**62 else None
        if found is None:
            raise HTTPException(404, f"there is no alert {alert}")
        years = visit.store.live.alerts.alerting(visit.project).years
        now_ms = visit.clock.now_ms()
        return page(
            visit,
            "alert.html",
            alert=found,
            title=alert_title(found),
            lines=[*alert_lines(found, years=years)],
            muted=visit.store.live.alerts.is_muted(
                visit.project, found.monitor, found.series, now_ms
            ),
            cases=[e for e in visit.store.promotions.of(visit.project) if e.alert == alert],
        )

    @router.post("/alerts/{alert}")
    def change(request: Request, alert: int, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, state = visits(request), form.get("state", "")
        if state not in ("acknowledged", "resolved") or not 0 <= alert < 2**62:
            raise UsageError("an alert is acknowledged or resolved")
        change_alert(visit.store, visit.project, alert, state, visit.clock)  # type: ignore[arg-type]  # of two
        visit.write_down(f"{state} an alert", {"alert": alert})
        return go_to(f"/alerts/{alert}")

    @router.post("/alerts/{alert}/mute")
    def mute(request: Request, alert: int, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit = visits(request)
        found = visit.store.live.alerts.get(visit.project, alert) if 0 <= alert < 2**62 else None
        if found is None:
            raise HTTPException(404, f"there is no alert {alert}")
        hours = {"1h": 1, "8h": 8, "24h": 24, "7d": 168}.get(form.get("time", ""), 1)
        until = visit.clock.now_ms() + hours * 3_600_000
        mute_series(visit.store, visit.project, found.monitor, found.series, until)
        visit.write_down("muted an alert", {"alert": alert, "hours": hours})
        return go_to(f"/alerts/{alert}")

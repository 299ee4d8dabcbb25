"""The routes of what is watched: rates, alerts, messages, summaries, promotions."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from regrade.domain.errors import UsageError
from regrade.domain.live import Alert, series_of
from regrade.online import Watched, watched
from regrade.online.alerts import change_alert, mute_series
from regrade.online.alerts.summary import last_period, summarized
from regrade.online.monitors import EventClock, monitor_estimates
from regrade.online.promotion import (
    SERVER,
    case_row,
    closed_loops,
    live_failures,
    promote_into,
)
from regrade.report.live.alert import alert_text, alert_title
from regrade.report.live.summary import summary_html, summary_markdown
from regrade.store import Store

from .shapes import (
    AlertShape,
    DatasetShape,
    FailuresShape,
    Kept,
    MessageShape,
    MuteIn,
    PromotionShape,
    PromotionsIn,
    RatesShape,
    TickShape,
)

Limit = Annotated[int, Query(ge=1, le=500)]
Moments = Annotated[int, Query(ge=0, le=7_258_118_400_000)]
WriteDown = Callable[[Store, Request, str, Any], None]


def add_watching(
    router: APIRouter, store: Callable[[], Store], clock: EventClock, write_down: WriteDown
) -> None:
    """Add the routes."""
    _add_rates(router, store)
    _add_alerts(router, store, clock, write_down)
    _add_summary(router, store, clock)
    _add_promotion(router, store, write_down)


def _project(request: Request) -> int:
    return int(request.state.caller.project)


def _monitor(store: Store, project: int, name: str) -> Watched:
    found = next((each for each in watched(store, project) if each.monitor.name == name), None)
    if found is None:
        raise HTTPException(404, f"there is no monitor {name!r}")
    return found


def _add_rates(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/monitors/{name}/rates", tags=["monitors"])
    def get_rates(request: Request, name: str) -> RatesShape:
        """Give every rate of a monitor with an interval that holds at every look, and what its detector says."""
        opened, project = store(), _project(request)
        found = monitor_estimates(opened, project, _monitor(opened, project, name).monitor)
        if found is None:
            raise HTTPException(404, f"the monitor {name!r} raises no alerts, or has not begun")
        content = asdict(found)
        rates = [
            {
                **{k: v for k, v in asdict(each).items() if k != "series"},
                "series": each.series.key,
                "slice": each.series.slice,
                "value": each.value,
            }
            for each in found.rates
        ]
        return RatesShape(**{**content, "rates": rates})

    @router.get("/monitors/{name}/ticks", tags=["monitors"])
    def get_ticks(
        request: Request,
        name: str,
        *,
        series: str,
        slice: str = "",
        since_ms: Moments = 0,
        limit: Limit = 500,
    ) -> list[TickShape]:
        """Give what was counted of one rate tick by tick, the oldest of the newest first."""
        which = series_of(series, slice)
        rows = store().live.tallies.ticks(_project(request), name, which, since_ms=since_ms)
        return [
            TickShape(at_ms=r.at, passed=r.passed, total=r.total, late=r.late)
            for r in rows[-limit:]
        ]


def _add_alerts(
    router: APIRouter, store: Callable[[], Store], clock: EventClock, write_down: WriteDown
) -> None:
    @router.get("/alerts", tags=["alerts"])
    def list_alerts(
        request: Request, *, is_open: bool | None = None, since_ms: Moments = 0, limit: Limit = 50
    ) -> list[AlertShape]:
        """List alerts, the newest first."""
        found = store().live.alerts.listed(
            _project(request), is_open=is_open, since_ms=since_ms, limit=limit
        )
        return [_alert(each) for each in found]

    @router.get("/alerts/{alert}", tags=["alerts"])
    def get_alert(request: Request, alert: int) -> AlertShape:
        """Give an alert with its evidence."""
        found = store().live.alerts.get(_project(request), _small(alert))
        if found is None:
            raise HTTPException(404, f"there is no alert {alert}")
        return _alert(found)

    @router.post("/alerts/{alert}/{change}", tags=["alerts"])
    def change(
        request: Request, alert: int, change: Literal["acknowledge", "resolve"]
    ) -> AlertShape:
        """Say that somebody looks at an alert, or close it."""
        opened, state = store(), {"acknowledge": "acknowledged", "resolve": "resolved"}[change]
        try:
            found = change_alert(opened, _project(request), _small(alert), state, clock)  # type: ignore[arg-type]  # of two
        except UsageError as error:
            raise HTTPException(404, str(error)) from None
        write_down(opened, request, f"{state} an alert", {"alert": alert})
        return _alert(found)

    @router.post("/monitors/{name}/mute", tags=["alerts"])
    def mute(request: Request, name: str, body: MuteIn) -> Kept:
        """Send nothing of a monitor, or of one of its rates, for a while."""
        opened, project = store(), _project(request)
        _monitor(opened, project, name)
        until = clock.now_ms() + round(body.seconds * 1000)
        mute_series(opened, project, name, body.series, until)
        write_down(opened, request, "muted a monitor", {"name": name, **body.model_dump()})
        return Kept(kept=1)

    @router.get("/messages", tags=["alerts"])
    def list_messages(request: Request, limit: Limit = 50) -> list[MessageShape]:
        """Say which messages were sent to which channels, wait, or were given up."""
        return [
            MessageShape(**asdict(each))
            for each in store().live.deliveries.of(_project(request), limit)
        ]


def _small(number: int) -> int:
    """Refuse numbers that no database has.

    Raises: HTTPException.
    """
    if not 0 <= number < 2**62:
        raise HTTPException(404, f"there is no alert {number}")
    return number


def _alert(alert: Alert) -> AlertShape:
    content = {**asdict(alert), "evidence": dict(alert.evidence)}
    content.pop("project")
    return AlertShape(**content, title=alert_title(alert), text=alert_text(alert))


def _add_summary(router: APIRouter, store: Callable[[], Store], clock: EventClock) -> None:
    @router.get("/summary", tags=["alerts"], response_class=Response)
    def get_summary(
        request: Request,
        *,
        period: Literal["day", "week"] = "day",
        format: Literal["markdown", "html"] = "markdown",
    ) -> Response:
        """Give the summary of the last whole day or week (UTC)."""
        since, until = last_period(period, clock.now_ms())
        found = summarized(store(), _project(request), since, until)
        if format == "html":
            policy = "default-src 'none'; style-src 'unsafe-inline'"
            return HTMLResponse(summary_html(found), headers={"Content-Security-Policy": policy})
        return PlainTextResponse(summary_markdown(found), media_type="text/markdown")


def _add_promotion(router: APIRouter, store: Callable[[], Store], write_down: WriteDown) -> None:
    @router.get("/failures", tags=["promotion"])
    def get_failures(
        request: Request, *, monitor: str | None = None, since_ms: Moments = 0
    ) -> FailuresShape:
        """Group the failing and disliked traces, the groups that explain most first."""
        found = live_failures(store(), _project(request), monitor, since_ms=since_ms)
        return FailuresShape(**asdict(found))

    @router.post("/datasets/{name}", tags=["promotion"])
    def promote_traces(request: Request, name: str, body: PromotionsIn) -> PromotionShape:
        """Make cases of traces, in a dataset that the server keeps."""
        opened, project = store(), _project(request)
        try:
            made = promote_into(
                opened, project, name, body.traces, alert=body.alert, keeps_near=body.keeps_near
            )
        except UsageError as error:
            raise HTTPException(404, str(error)) from None
        write_down(opened, request, "promoted traces", {"dataset": name, "traces": body.traces})
        return PromotionShape(
            cases=[case_row(each.case) for each in made.cases],
            repeated=[list(each) for each in made.repeated],
            unusable=[list(each) for each in made.unusable],
        )

    @router.get("/datasets/{name}", tags=["promotion"])
    def get_dataset(request: Request, name: str) -> DatasetShape:
        """Give a dataset that the server keeps: its version, and its cases as a file has them."""
        found = store().promotions.dataset(_project(request), SERVER + name)
        if not found.cases:
            raise HTTPException(404, f"there is no dataset {name!r}")
        return DatasetShape(version=found.version, cases=[case_row(each) for each in found.cases])

    @router.get("/closed-loop", tags=["promotion"])
    def get_loops(request: Request) -> list[dict[str, Any]]:
        """Say of each alert which cases came of it, and whether later runs pass them."""
        return [*_loops(store(), _project(request))]


def _loops(store: Store, project: int) -> Iterator[dict[str, Any]]:
    for each in closed_loops(store, project):
        yield {
            "alert": None if each.alert is None else each.alert.alert,
            "title": None if each.alert is None else alert_title(each.alert),
            "cases": each.cases,
            "is_closed": each.is_closed,
            "runs": [asdict(run) for run in each.runs],
        }

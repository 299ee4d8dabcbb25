"""Live traffic as it arrives, and one trace with why it was graded or not."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from regrade.api.looking.traffic import live_now, traces_page
from regrade.domain.errors import UsageError
from regrade.domain.live import TraceFilter
from regrade.online.promotion import SERVER, promote_into
from regrade.report.html.page import address
from regrade.server.moments import Moment
from regrade.store import SavedView

from .rendering import Visit, back, go_to, page, with_query
from .showing import shown
from .visiting import Form, Visits, read_form

Value = TypeVar("Value")
OrNothing = Annotated[Value | None, BeforeValidator(lambda given: given or None)]
"""What a form sends empty where nothing was chosen."""
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
AT_ONCE = 50
"""Traces of a list that are sent at once."""
PAGE = "live"
FIELDS = ("name", "service", "version", "environment", "user_id", "conversation_id")
"""Filters that are equal to a text."""


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""

    @router.get("/live")
    def traffic(
        request: Request,
        *,
        text: str = "",
        slower_than_ms: Annotated[OrNothing[Milliseconds], Query()] = None,
        since: Annotated[OrNothing[Moment], Query()] = None,
        until: Annotated[OrNothing[Moment], Query()] = None,
        after: str | None = None,
        whole: bool = False,
    ) -> Response:
        del whole  # a part of the page is asked for by its header
        visit = visits(request)
        which = _filter(request, slower_than_ms, since, until)
        found = traces_page(
            visit.store, visit.project, which, text=text, limit=AT_ONCE, after=after
        )
        query = {k: v for k, v in request.query_params.items() if v and k not in ("after", "whole")}
        content: dict[str, Any] = {
            "found": found,
            "text": text,
            "link": with_query(query),
            "view_query": query,
            "is_first": after is None,
        }
        if visit.is_part:
            return page(visit, "traces_part.html" if after else "traces.html", **content)
        return page(
            visit,
            "live.html",
            **content,
            fields=FIELDS,
            more_fields=(*FIELDS, "slower_than_ms", "since", "until"),
            views=visit.store.people.views(visit.project, PAGE),
            has_any=bool(found.traces) or visit.store.live.traces.any_of(visit.project),
        )

    @router.post("/live/views")
    def save(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, name = visits(request), form.get("name", "").strip()[:80]
        if not name:
            raise UsageError("a saved view needs a name")
        query = with_query(dict(parse_qsl(form.get("query", "").removeprefix("?"))))
        if form.get("drop"):
            visit.store.people.drop_view(visit.project, PAGE, name)
        else:
            visit.store.people.save_view(visit.project, SavedView(PAGE, name, query, visit.person))
        visit.write_down("changed a saved view", {"name": name, "query": query})
        return go_to(f"/live{query}")

    @router.get("/live/{trace_id}")
    def trace(request: Request, trace_id: str) -> Response:
        visit = visits(request)
        found = live_now(visit.store, visit.project, trace_id)
        if found is None:
            raise HTTPException(404, f"there is no trace {trace_id}")
        return page(
            visit,
            "trace.html",
            found=found,
            view=None if found.attempt is None else shown(found.attempt, found.components),
            datasets=datasets_of(visit),
        )

    @router.post("/live/{trace_id}/promote")
    def make_case(
        request: Request, trace_id: str, form: Annotated[Form, Depends(read_form)]
    ) -> Response:
        visit, name = visits(request), form.get("dataset", "").strip()[:200] or "regressions"
        said = promote_to(visit, trace_id, name)
        return go_to(f"{back(request, f'/live/{address(trace_id)}')}?said={address(said)}")


def datasets_of(visit: Visit) -> list[str]:
    """Give the names of the datasets that the database keeps."""
    names = visit.store.promotions.names(visit.project)
    return [each.removeprefix(SERVER) for each in names if each.startswith(SERVER)]


def promote_to(visit: Visit, trace_id: str, name: str) -> str:
    """Make a case of a trace in a dataset that the server keeps; gives what became of it in words."""
    made = promote_into(visit.store, visit.project, name, [trace_id])
    visit.write_down("promoted traces", {"dataset": name, "traces": [trace_id]})
    if made.cases:
        return f"{made.cases[0].case.id} is a case of {name} now"
    if made.repeated:
        return f"it repeats the case {made.repeated[0][1]} of {name}"
    return f"it is no case: {made.unusable[0][1]}" if made.unusable else "it is no case"


def _filter(
    request: Request,
    slower_than_ms: float | None,
    since: datetime | None,
    until: datetime | None,
) -> TraceFilter:
    given = request.query_params
    flags = {"yes": True, "no": False}
    texts: dict[str, Any] = {name: given.get(name) or None for name in FIELDS}
    return replace(
        TraceFilter(slower_than_ms=slower_than_ms, since=since, until=until),
        **texts,
        has_error=flags.get(given.get("has_error", "")),
        fails=flags.get(given.get("fails", "")),
    )

"""The door: which page is where, and what goes wrong, as a page."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from regrade.online.monitors import EventClock
from regrade.store import Store

from . import live, monitors, overview, review, runs, settings, signing, suites
from .rendering import Visit, asset, page
from .visiting import Visits


def pages(store: Callable[[], Store], *, needs_keys: bool) -> APIRouter:
    """Make the routes of the pages."""
    router = APIRouter(include_in_schema=False)
    visits = Visits(store, EventClock.of_settings())

    @router.get("/static/{digest}/{name}")
    def static(digest: str, name: str) -> Response:
        del digest  # a part of the address so that a new version is asked for
        return asset(name)

    signing.add(router, visits, needs_keys=needs_keys)
    for part in (overview, suites, runs, live, monitors, review, settings):
        part.add(router, visits)
    return router


def failure_page(request: Request, status: int, said: str) -> Response:
    """Say what went wrong as a page."""
    return page(Visit(request, None, None), "failure.html", status=status, number=status, said=said)  # type: ignore[arg-type]  # it asks no store

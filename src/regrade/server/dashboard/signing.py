"""Who somebody is: signed in with a key, or at this machine by the name that they call themselves."""

import time
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from regrade.domain.live import ROLES
from regrade.server.guard import SESSION

from .rendering import VISITOR, Visit, back, go_to, local, page, set_cookie
from .visiting import Form, Visits, read_form

LASTS_S = 7 * 86_400
"""Seconds that a session lasts."""


def add(router: APIRouter, visits: Visits, *, needs_keys: bool) -> None:
    """Add the routes."""

    @router.get("/login")
    def login(request: Request, next: str = "/") -> Response:
        return page(visits(request), "login.html", next=local(next, "/"), said="", needs=needs_keys)

    @router.post("/login")
    def sign_in(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, place = visits(request), local(form.get("next", ""), "/")
        key = visit.store.live.keys.find(form.get("key", "").strip())
        is_good = key is not None and key.is_good(datetime.now(UTC))
        if key is None or not is_good or ROLES.index(key.role) < ROLES.index("viewer"):
            said = "This key is not known, has ended, or may only send traces."
            return page(visit, "login.html", status=401, next=place, said=said, needs=needs_keys)
        now_ms = time.time_ns() // 1_000_000
        secret = visit.store.people.sign_in(key.key, now_ms=now_ms, lasts_ms=LASTS_S * 1000)
        visit.store.live.keys.write_down(f"key {key.name}", "signed in", {"key": key.key}, now_ms)
        answer = go_to(place)
        set_cookie(request, answer, SESSION, secret, seconds=LASTS_S)
        answer.delete_cookie(VISITOR)
        return answer

    @router.post("/logout")
    def sign_out(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        del form  # nothing but its token counts
        visits(request).store.people.sign_out(request.cookies.get(SESSION, ""))
        answer = go_to("/login" if needs_keys else "/")
        answer.delete_cookie(SESSION)
        return answer

    @router.post("/who")
    def call_me(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        return _remember(visits(request), "regrade_who", form.get("who", "")[:80])

    @router.post("/theme")
    def change_theme(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        theme = form.get("theme", "")
        return _remember(
            visits(request), "regrade_theme", theme if theme in ("light", "dark") else ""
        )

    @router.post("/project")
    def change_project(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, name = visits(request), form.get("project", "")
        if visit.caller.person is not None:
            raise HTTPException(403, "a key is good for one project: sign in with one of another")
        if name not in visit.store.live.projects.names():
            raise HTTPException(404, f"there is no project {name!r}")
        return _remember(visit, "regrade_project", name)


def _remember(visit: Visit, name: str, value: str) -> Response:
    answer = go_to(back(visit.request, "/"))
    set_cookie(visit.request, answer, name, quote(value), seconds=365 * 86_400)
    return answer

"""What is set, where that was said, and what may be changed here."""

import time
from pathlib import Path
from typing import Annotated

import yaml
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from regrade.api.looking.configured import configured
from regrade.domain.duration import read_duration
from regrade.domain.errors import UsageError
from regrade.domain.live import ROLES, ProjectSettings
from regrade.online import keep_monitors
from regrade.server.own_code import code_in
from regrade.suites.yaml import read_yaml

from .rendering import Visit, go_to, page
from .visiting import Form, Visits, read_form


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""
    _add_kept(router, visits)
    _add_keys(router, visits)
    _add_monitors(router, visits)

    @router.get("/settings")
    def settings(request: Request) -> Response:
        return _page(visits(request))


def _add_kept(router: APIRouter, visits: Visits) -> None:
    @router.post("/settings/kept")
    def keep(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, days = visits(request), form.get("retention_days", "").strip()
        try:
            retention = float(days) if days else None
        except ValueError:
            raise UsageError(f"{days!r} is no number of days") from None
        if retention is not None and not 0 < retention < 36_500:
            raise UsageError("traces are kept for more than no day, and less than a hundred years")
        found = ProjectSettings(
            redact=bool(form.get("redact")),
            drop=tuple(form.get("drop", "").replace(",", " ").split()),
            retention_days=retention,
            keep_dead_letters=bool(form.get("keep_dead_letters")),
        )
        visit.store.live.projects.change(visit.project, found, f"this page, by {visit.person}")
        visit.write_down(
            "changed what is kept", {"retention_days": retention, "redact": found.redact}
        )
        return go_to("/settings#kept")


def _add_keys(router: APIRouter, visits: Visits) -> None:
    @router.post("/settings/keys")
    def make_key(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, name, role = visits(request), form.get("name", "").strip()[:80], form.get("role", "")
        if not name or role not in ROLES:
            raise UsageError(f"a key has a name, and a role: {', '.join(ROLES)}")
        now_ms = time.time_ns() // 1_000_000
        try:
            lasts = form.get("expires", "").strip()
            ends = now_ms + round(read_duration(lasts) * 1000) if lasts else None
        except ValueError as error:
            raise UsageError(str(error)) from None
        secret = visit.store.live.keys.make(visit.project, name, role, now_ms, expires_ms=ends)
        visit.write_down("made a key", {"name": name, "role": role})
        return _page(visit, secret=secret)

    @router.post("/settings/keys/{key}/end")
    def end_key(request: Request, key: int, form: Annotated[Form, Depends(read_form)]) -> Response:
        del form  # nothing but its token counts
        visit = visits(request)
        known = visit.store.live.keys.get(key) if 0 <= key < 2**62 else None
        if known is None or known.project != visit.project:
            raise HTTPException(404, f"there is no key {key}")
        visit.store.live.keys.end(key, time.time_ns() // 1_000_000)
        visit.write_down("ended a key", {"key": key})
        return go_to("/settings#keys")


def _add_monitors(router: APIRouter, visits: Visits) -> None:
    @router.post("/settings/monitors")
    def keep_monitor(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, name = visits(request), form.get("name", "").strip()[:200]
        document, _ = read_yaml(Path("monitor"), form.get("document", ""))
        if not name or not isinstance(document, dict):
            raise UsageError("a monitor has a name, and says what it watches: `checks: [answered]`")
        if (fault := code_in(document)) is not None:
            raise UsageError(fault)
        keep_monitors(
            visit.store,
            visit.project,
            {name: document},
            Path.cwd(),
            f"this page, by {visit.person}",
        )
        visit.write_down("changed a monitor", {"name": name, "monitor": document})
        return go_to("/settings#monitors")

    @router.post("/settings/monitors/drop")
    def drop_monitor(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit, name = visits(request), form.get("name", "")
        if not visit.store.live.decisions.drop_monitor(visit.project, name):
            raise HTTPException(404, f"there is no monitor {name!r}")
        visit.write_down("took a monitor away", {"name": name})
        return go_to("/settings#monitors")


def _page(visit: Visit, secret: str = "") -> Response:
    documents = visit.store.live.decisions.monitors(visit.project)
    return page(
        visit,
        "settings.html",
        set=configured(visit.store, visit.project),
        secret=secret,
        roles=ROLES,
        monitors={
            name: yaml.safe_dump(each["monitor"], sort_keys=False, allow_unicode=True)
            for name, each in documents.items()
        },
        audit=visit.store.live.keys.written(30),
    )

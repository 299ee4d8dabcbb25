"""The routes of what people do: label, assign, save views; and of judges and settings."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from regrade.api.looking.configured import configured
from regrade.api.looking.judges import judges_now
from regrade.api.looking.monitors import Point, monitors_now, running_estimate, shown_series
from regrade.api.looking.reviewing import (
    Queue,
    ReviewItem,
    Source,
    Why,
    find_item,
    queue,
    say,
    source_of,
)
from regrade.domain import Label
from regrade.domain.duration import read_duration
from regrade.domain.live import ProjectSettings
from regrade.store import Key, SavedView, Store

from .more_shapes import (
    AssignmentIn,
    JudgeShape,
    KeptShape,
    KeyIn,
    KeyShape,
    LabelBody,
    LabelShape,
    MadeKey,
    QueueShape,
    SettingsIn,
    SettingsShape,
    ViewShape,
)

Limit = Annotated[int, Query(ge=1, le=500)]
WriteDown = Callable[[Store, Request, str, Any], None]


def add_people(router: APIRouter, store: Callable[[], Store], write_down: WriteDown) -> None:
    """Add the routes."""
    _add_review(router, store, write_down)
    _add_judges(router, store)
    _add_views(router, store)
    _add_settings(router, store, write_down)
    _add_keys(router, store, write_down)


def _project(request: Request) -> int:
    return int(request.state.caller.project)


def _who(request: Request, given: str | None) -> str:
    """Name who labels: whoever has the key, else whom the request names."""
    person: str | None = request.state.caller.person
    return person or given or "me"


def _source(store: Store, request: Request, name: str, criterion: str | None) -> tuple[Source, str]:
    source = source_of(store, _project(request), name)
    chosen = criterion or next(iter(source.criteria), None)
    if chosen is None or chosen not in source.criteria:
        raise HTTPException(404, f"{name} has no criterion {criterion!r}")
    return source, chosen


def _item(
    store: Store, request: Request, source: Source, criterion: str, place: tuple[str, int]
) -> ReviewItem:
    item = find_item(store, _project(request), source, criterion, *place)
    if item is None:
        raise HTTPException(
            404, f"{source.name} has no answer to {place[0]!r} that was judged by {criterion}"
        )
    return item


def _add_review(router: APIRouter, store: Callable[[], Store], write_down: WriteDown) -> None:
    @router.get("/review", tags=["review"])
    def get_queue(
        request: Request,
        *,
        source: str,
        criterion: str | None = None,
        why: Why | None = None,
        who: str | None = None,
        limit: Limit = 50,
        at: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> QueueShape:
        """Give what a person has to label: a run's answers, or `monitor:NAME`'s. What graders say is not told."""
        opened = store()
        known, chosen = _source(opened, request, source, criterion)
        found = queue(opened, _project(request), known, chosen, who=_who(request, who), why=why)
        return _queue(found, at, limit)

    @router.post("/labels", tags=["review"])
    def add_label(request: Request, body: LabelBody) -> LabelShape:
        """Keep what a person says of an answer; what they say later counts instead."""
        opened = store()
        source, criterion = _source(opened, request, body.source, body.criterion)
        item = _item(opened, request, source, criterion, (body.case, body.trial))
        who = _who(request, body.who)
        label = say(opened, source, criterion, item, verdict=body.verdict, note=body.note, who=who)
        return _label(label)

    @router.get("/labels", tags=["review"])
    def list_labels(
        suite: str, *, limit: Limit = 100, at: Annotated[int, Query(ge=0, le=10_000_000)] = 0
    ) -> list[LabelShape]:
        """List the labels of a suite, or of `monitor:NAME`, the oldest first."""
        return [_label(each) for each in store().labels.of(suite)[at : at + limit]]

    @router.post("/assignments", tags=["review"])
    def assign(request: Request, body: AssignmentIn) -> LabelBody:
        """Have a person label an answer."""
        opened = store()
        source, criterion = _source(opened, request, body.source, body.criterion)
        item = _item(opened, request, source, criterion, (body.case, body.trial))
        opened.people.assign(source.suite, criterion, item.place, body.who)
        write_down(opened, request, "assigned an answer", {"case": item.case, "to": body.who})
        return LabelBody(
            source=source.name,
            criterion=criterion,
            case=item.case,
            trial=item.trial,
            verdict="unsure",
            who=body.who,
        )


def _queue(found: Queue, at: int, limit: int) -> QueueShape:
    part = found.items[at : at + limit]
    return QueueShape(
        source=found.source.name,
        criterion=found.criterion,
        items=[{"case": e.case, "trial": e.trial, "assigned": e.assigned} for e in part],
        waiting=len(found.items),
        numbers={str(name): number for name, number in found.numbers.items()},
        labelled=found.labelled,
        agree=list(found.agree),
        next=at + limit if len(found.items) > at + limit else None,
    )


def _label(label: Label) -> LabelShape:
    names = ("suite", "criterion", "case", "verdict", "note", "who", "labelled_at", "run_id")
    return LabelShape(**{name: getattr(label, name) for name in names})


def _add_judges(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/judges", tags=["review"])
    def list_judges(request: Request) -> list[JudgeShape]:
        """Say how far judges agree with people, over time, what they favour, and what they cost."""
        return [
            JudgeShape(
                source=each.source,
                suite=each.suite,
                criterion=each.criterion,
                agree=asdict(each.agree),
                weeks=[{"monday": w.monday, "agree": asdict(w.agree)} for w in each.weeks],
                measured=dict(each.measured),
                cost_usd=None if each.summary is None else each.summary.cost_usd,
            )
            for each in judges_now(store(), _project(request))
        ]

    @router.get("/monitors/{name}/estimate", tags=["monitors"])
    def get_estimate(
        request: Request, name: str, *, series: str = "", slice: str = ""
    ) -> list[Point]:
        """Give the running estimate of a rate since the monitor began, with a band that holds at every look."""
        opened, project = store(), _project(request)
        found = monitors_now(opened, project, name)
        if not found or found[0].estimates is None:
            raise HTTPException(404, f"the monitor {name!r} raises no alerts, or has not begun")
        estimates = found[0].estimates
        asked = shown_series(estimates, series, slice)
        if asked is None or (series and asked.series.key != series):
            raise HTTPException(404, f"the monitor {name!r} has no rate {series!r}")
        return running_estimate(opened, project, name, asked.series, estimates.since_ms)


def _add_views(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/views/{page}", tags=["views"])
    def list_views(request: Request, page: str) -> list[ViewShape]:
        """List the saved views of a page."""
        return [ViewShape(**asdict(each)) for each in store().people.views(_project(request), page)]

    @router.put("/views/{page}", tags=["views"])
    def save_view(request: Request, page: str, body: ViewShape) -> ViewShape:
        """Save a view; one of the same name is changed."""
        view = SavedView(page, body.name, body.query, _who(request, body.who))
        store().people.save_view(_project(request), view)
        return ViewShape(**asdict(view))

    @router.delete("/views/{page}", tags=["views"])
    def drop_view(request: Request, page: str, name: str) -> ViewShape:
        """Take a saved view away."""
        if not store().people.drop_view(_project(request), page, name):
            raise HTTPException(404, f"there is no view {name!r}")
        return ViewShape(page=page, name=name, query="", who="")


def _add_settings(router: APIRouter, store: Callable[[], Store], write_down: WriteDown) -> None:
    @router.get("/settings", tags=["settings"])
    def get_settings(request: Request) -> SettingsShape:
        """Say what is set, and where that was said."""
        found = configured(store(), _project(request))
        return SettingsShape(
            project=found.project,
            projects=[*found.projects],
            kept=KeptShape(**asdict(found.kept)),
            kept_origin=found.kept_origin,
            years_between_false_alarms=found.alerting.years,
            channels=[each.name for each in found.alerting.channels],
            alerting_origin=found.alerting_origin,
            monitors=dict(found.monitors),
            settings={
                each.setting.name: {"value": each.value, "from": each.origin}
                for each in found.settings
            },
            prices=found.prices,
        )

    @router.put("/settings/kept", tags=["settings"])
    def change_kept(request: Request, body: SettingsIn) -> SettingsIn:
        """Change what is kept of the project's traffic, and for how long."""
        opened = store()
        content = {**body.model_dump(), "drop": tuple(body.drop)}
        found = replace(ProjectSettings(), **content)
        opened.live.projects.change(
            _project(request), found, f"the interface, by {request.state.caller.name}"
        )
        write_down(opened, request, "changed what is kept", body.model_dump())
        return body


def _add_keys(router: APIRouter, store: Callable[[], Store], write_down: WriteDown) -> None:
    @router.get("/settings/keys", tags=["settings"])
    def list_keys(request: Request) -> list[KeyShape]:
        """List the keys of the project, without their secrets."""
        keys = store().live.keys.all()
        return [_key(each) for each in keys if each.project == _project(request)]

    @router.post("/settings/keys", tags=["settings"])
    def make_key(request: Request, body: KeyIn) -> MadeKey:
        """Make a key; its secret is shown this once."""
        opened, now_ms = store(), time.time_ns() // 1_000_000
        try:
            lasts = None if body.expires is None else read_duration(body.expires)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        ends = None if lasts is None else now_ms + round(lasts * 1000)
        secret = opened.live.keys.make(
            _project(request), body.name, body.role, now_ms, expires_ms=ends
        )
        write_down(opened, request, "made a key", {"name": body.name, "role": body.role})
        return MadeKey(secret=secret)

    @router.delete("/settings/keys/{key}", tags=["settings"])
    def end_key(request: Request, key: int) -> KeyShape:
        """End a key."""
        opened = store()
        known = opened.live.keys.get(key) if 0 <= key < 2**62 else None
        if known is None or known.project != _project(request):
            raise HTTPException(404, f"there is no key {key}")
        opened.live.keys.end(key, time.time_ns() // 1_000_000)
        write_down(opened, request, "ended a key", {"key": key})
        return _key(opened.live.keys.get(key) or known)


def _key(key: Key) -> KeyShape:
    return KeyShape(
        key=key.key,
        name=key.name,
        role=key.role,
        made_at=key.made_at,
        expires_at=key.expires_at,
        is_good=key.is_good(datetime.now(UTC)),
    )

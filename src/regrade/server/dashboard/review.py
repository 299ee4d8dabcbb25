"""Answers for people to label, one key each; and judges beside what people said."""

from collections.abc import Hashable, Mapping
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from regrade.api.looking.judges import judges_now
from regrade.api.looking.memory import Memory
from regrade.api.looking.reviewing import (
    WHYS,
    Queue,
    ReviewItem,
    Source,
    among_people,
    find_item,
    labels_on,
    queue,
    queue_numbers,
    say,
    source_of,
    sources_of,
    take_next,
)
from regrade.api.looking.traffic import live_now
from regrade.api.stored import load_attempts
from regrade.domain import Grade, LabelVerdict
from regrade.domain.errors import UsageError
from regrade.report.charts.lines import line_chart
from regrade.report.html.page import address
from regrade.report.words import percent

from .live import datasets_of, promote_to
from .rendering import Visit, go_to, page
from .showing import Shown, shown
from .visiting import Form, Visits, read_form

VERDICTS: tuple[LabelVerdict, ...] = get_args(LabelVerdict)


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""
    _add_queue(router, visits)
    _add_changes(router, visits)

    @router.get("/judges")
    def judges(request: Request) -> Response:
        visit = visits(request)
        found = judges_now(visit.store, visit.project)
        charts = [line_chart([w.agree for w in each.weeks], percent) for each in found]
        return page(visit, "judges.html", judges=[*zip(found, charts, strict=True)])


def _add_queue(router: APIRouter, visits: Visits) -> None:
    @router.get("/review")
    def sources(request: Request) -> Response:
        visit = visits(request)
        store, project = visit.store, visit.project
        names = sources_of(store, project)
        found = []
        for name in names:
            source = source_of(store, project, name)
            found.append((source, queue_numbers(store, project, source, who=visit.person)))
        return page(visit, "review_sources.html", sources=found, person=visit.person)

    @router.get("/review/{source:anything}")
    def review(
        request: Request,
        source: str,
        *,
        criterion: str = "",
        why: str = "",
        case: str = "",
        trial: int = 0,
        said: str = "",
    ) -> Response:
        visit = visits(request)
        found, criterion = _source(visit, source, criterion)
        waiting = _queue(visit, found, criterion, why)
        if case:
            item = find_item(visit.store, visit.project, found, criterion, case, trial)
            if item is None:
                raise HTTPException(
                    404, f"{source} has no answer to {case!r} that was judged by {criterion}"
                )
        elif visit.caller.may("reviewer"):
            item = take_next(visit.store, waiting, visit.person)
        else:
            item = waiting.items[0] if waiting.items else None
        return _page(visit, waiting, item, why=why, said=said)


_TOLD: Memory[Mapping[tuple[str, str], ReviewItem]] = Memory(60_000, len)
"""What a person was given of a queue last: why each answer is to be labelled, and how likely it was to be drawn."""


def _queue(visit: Visit, source: Source, criterion: str, why: str = "") -> Queue:
    known = next((each for each in WHYS if each == why), None)
    found = queue(visit.store, visit.project, source, criterion, who=visit.person, why=known)
    _TOLD.put(_whose(visit, source, criterion), {each.place: each for each in found.items})
    return found


def _whose(visit: Visit, source: Source, criterion: str) -> Hashable:
    return str(visit.store.place), visit.project, source.name, criterion, visit.person


def _as_told(visit: Visit, source: Source, criterion: str, item: ReviewItem) -> ReviewItem:
    """Give an answer as this person was given it; as it would be given now where that is not known any more."""
    told = _TOLD.get(_whose(visit, source, criterion)) or {}
    if item.place not in told:
        told = {each.place: each for each in _queue(visit, source, criterion).items}
    return told.get(item.place, item)


def _source(visit: Visit, name: str, criterion: str) -> tuple[Source, str]:
    source = source_of(visit.store, visit.project, name)
    if not source.criteria:
        raise UsageError(f"{name} has no criterion to label")
    return source, criterion or next(iter(source.criteria))


def _page(
    visit: Visit, waiting: Queue, item: ReviewItem | None, *, why: str, said: str
) -> Response:
    source = waiting.source
    view: Shown | None = None
    labels = []
    if item is not None:
        view = _view(visit, source, item)
        labels = labels_on(visit.store, source.suite, item.place)
    mine = next(
        (e for e in labels if e.who == visit.person and e.criterion == waiting.criterion), None
    )
    content: dict[str, Any] = {
        "waiting": waiting,
        "source": source,
        "criterion": waiting.criterion,
        "item": item,
        "view": view,
        "why": why,
        "said": said,
        "mine": mine,
        "labels": labels if mine is not None else [],
        "grades": _grades(view, waiting.criterion) if mine is not None else [],
        "people": among_people(visit.store, source.suite, waiting.criterion)
        if not visit.is_part
        else None,
        "person": visit.person,
        "datasets": datasets_of(visit) if source.header is None else [],
        "address": f"/review/{address(source.name)}",
    }
    return page(visit, "review_part.html" if visit.is_part else "review.html", **content)


def _view(visit: Visit, source: Source, item: ReviewItem) -> Shown | None:
    if source.header is not None:
        attempts = load_attempts(source.header.run_id, item.case, store=visit.store)
        attempt = next(each for each in attempts if each.trial == item.trial)
        return shown(attempt, source.header.suite.components)
    live = live_now(visit.store, visit.project, item.case)
    if live is None or live.attempt is None:
        return None
    return shown(live.attempt, live.components)


def _grades(view: Shown | None, criterion: str) -> list[Grade]:
    """Give what graders say of the criterion."""
    grades = () if view is None else view.attempt.grades
    return [e for e in grades if e.spec and criterion in (e.spec.criterion, e.spec.name)]


def _add_changes(router: APIRouter, visits: Visits) -> None:
    @router.post("/review/{source:anything}")
    def act(request: Request, source: str, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit = visits(request)
        found, criterion = _source(visit, source, form.get("criterion", ""))
        trial = int(form["trial"]) if form.get("trial", "").isdecimal() else 0
        item = find_item(visit.store, visit.project, found, criterion, form.get("case", ""), trial)
        if item is None:
            raise HTTPException(404, "this answer is there no more")
        said = _done(visit, found, criterion, item, form)
        if visit.is_part:
            waiting = _queue(visit, found, criterion, form.get("why", ""))
            if form.get("dataset") is not None:  # it stays where it is
                return _page(visit, waiting, item, why=form.get("why", ""), said=said)
            item = take_next(visit.store, waiting, visit.person)
            return _page(visit, waiting, item, why=form.get("why", ""), said=said)
        query = urlencode({"criterion": criterion, "why": form.get("why", ""), "said": said})
        return go_to(f"/review/{address(source)}?{query}")


def _done(visit: Visit, source: Source, criterion: str, item: ReviewItem, form: Form) -> str:
    """Label an answer, give it to somebody, or make a case of it; gives what is told of that."""
    if (dataset := form.get("dataset")) is not None:
        if source.header is not None:
            raise UsageError("this answer is a case already")
        return promote_to(visit, item.case, dataset.strip()[:200] or "regressions")
    if who := form.get("assign", "").strip()[:80]:
        visit.store.people.assign(source.suite, criterion, item.place, who)
        visit.write_down("assigned an answer", {"case": item.case, "to": who})
        return f"{item.case[:40]} is for {who} to label"
    verdict = next((each for each in VERDICTS if each == form.get("verdict")), None)
    if verdict is None:
        raise UsageError(f"a label is one of {', '.join(VERDICTS)}")
    drawn = _as_told(visit, source, criterion, item)
    say(
        visit.store,
        source,
        criterion,
        drawn,
        verdict=verdict,
        note=form.get("note", "")[:4000],
        who=visit.person,
    )
    judge = "pass" if item.passed else "fail"
    same = (
        "" if verdict == "unsure" else ", as you do" if judge == verdict else ", and not as you do"
    )
    return f"{item.case[:40]}: you say {verdict}; the graders say {judge}{same}"

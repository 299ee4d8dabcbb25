"""A run, its cases, one case with its trials and its history, and two runs side by side."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from regrade.api.looking.cases import case_now
from regrade.api.looking.compared import compared
from regrade.api.looking.listing import Chosen, ListedAttempt, choose, groups, listing
from regrade.api.stored import load_run
from regrade.domain import Run, RunHeader
from regrade.domain.errors import UsageError
from regrade.report.charts.heat import Cell
from regrade.report.html.page import address, run_content

from .rendering import Visit, go_to, page, with_query
from .showing import shown
from .visiting import Visits

AT_ONCE = 30
"""Attempts of a list that are sent at once."""
MOST_GROUPS = 12
"""Groups of failures that are shown."""


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""
    _add_run(router, visits)
    _add_case(router, visits)
    _add_comparison(router, visits)


def _add_run(router: APIRouter, visits: Visits) -> None:
    @router.get("/runs/{run}")
    def run_page(
        request: Request,
        run: str,
        which: Annotated[Chosen, Depends()],
        *,
        at: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> Response:
        visit = visits(request)
        header = visit.store.find(run)
        rows = listing(visit.store, header)
        found = choose(rows, which)
        listed: dict[str, Any] = {
            "header": header,
            "rows": found[at : at + AT_ONCE],
            "at": at,
            "more": at + AT_ONCE if len(found) > at + AT_ONCE else None,
            "found": len(found),
            "total": len(rows),
            "chosen": which,
            "link": with_query(_query(request), at=None),
        }
        if visit.is_part:
            return page(visit, "attempts_part.html" if at else "attempts.html", **listed)
        if header.status == "running":
            return page(visit, "run_going.html", **listed, **_going(visit, header, rows))
        return page(visit, "run.html", **{**listed, **_content(visit, header, rows)})

    @router.get("/runs/{run}/going")
    def going(request: Request, run: str) -> Response:
        visit = visits(request)
        header = visit.store.find(run)
        if header.status != "running":
            answer = page(visit, "run_done.html", header=header)
            answer.headers["HX-Refresh"] = "true"
            return answer
        rows = listing(visit.store, header)
        return page(
            visit,
            "run_progress.html",
            header=header,
            total=len(rows),
            **_going(visit, header, rows),
        )


def _add_case(router: APIRouter, visits: Visits) -> None:
    @router.get("/runs/{run}/cases/{case:anything}")
    def case_page(
        request: Request,
        run: str,
        case: str,
        *,
        trial: Annotated[int, Query(ge=0, le=10_000)] = 0,
        markdown: bool = False,
    ) -> Response:
        visit = visits(request)
        header = visit.store.find(run)
        found = case_now(visit.store, header, case)
        if trial >= len(found.attempts):
            raise HTTPException(
                404, f"the case {case!r} has {len(found.attempts)} trials in this run"
            )
        rows = [*dict.fromkeys(each.case for each in listing(visit.store, header))]
        place = rows.index(found.case.id) if found.case.id in rows else 0
        return page(
            visit,
            "case.html",
            header=header,
            case=found.case,
            attempts=found.attempts,
            trial=trial,
            view=shown(found.attempts[trial], header.suite.components),
            history=found.history,
            before=rows[place - 1] if place else None,
            after=rows[place + 1] if place + 1 < len(rows) else None,
            place=place + 1,
            cases=len(rows),
            markdown=markdown,
        )


def _add_comparison(router: APIRouter, visits: Visits) -> None:
    @router.get("/compare")
    def choose(
        request: Request, *, base: str = "", candidate: str = "", suite: str = ""
    ) -> Response:
        if base and candidate:
            return go_to(f"/compare/{address(base)}/{address(candidate)}")
        visit = visits(request)
        headers = visit.store.headers(100, suite or None)
        return page(
            visit, "choose_runs.html", runs=headers, suite=suite, base=base, chosen=candidate
        )

    @router.get("/compare/{base}/{candidate}")
    def compare(request: Request, base: str, candidate: str) -> Response:
        visit = visits(request)
        headers = [visit.store.find(each) for each in (base, candidate)]
        for header in headers:
            if header.status == "running":
                raise UsageError(
                    f"the run {header.run_id} is still going on: it is compared when it has ended"
                )
        found = compared(visit.store, *headers)
        assert found is not None, "it is worked out where it is not known"
        return page(
            visit,
            "compare.html",
            found=found,
            parts=Markup(found.html),  # noqa: S704  written by a template of ours
        )


def _query(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name != "at"}


def _going(visit: Visit, header: RunHeader, rows: Sequence[ListedAttempt]) -> dict[str, Any]:
    done = {each: sum(row.outcome == each for row in rows) for each in ("passed", "failed", "ungraded")}  # fmt: skip
    return {"done": done, "planned": max(header.planned, len(rows), 1)}


def _content(visit: Visit, header: RunHeader, rows: Sequence[ListedAttempt]) -> dict[str, Any]:
    store = visit.store
    run: Run = load_run(header.run_id, store=store)
    summary = run.summary
    earlier = [
        each
        for each in store.headers(30, header.suite.name)
        if each.started_at < header.started_at and each.status == "finished"
    ]
    since = compared(store, earlier[0], header, only_known=True) if earlier else None
    return {
        **run_content(run, ()),
        "cell_link": _cell_link,
        "groups": groups(rows)[:MOST_GROUPS],
        "firsts": [*summary.first_failed],
        "before": earlier[:10],
        "since": since,
        "tags": {tag: [*values] for tag, values in summary.slices.items()},
    }


def _cell_link(name: str, cell: Cell) -> str:
    part = f"{cell.tag}={cell.value}"
    criterion = "" if name == "pass rate" else name
    return with_query({}, slice=part, criterion=criterion) + "#attempts"

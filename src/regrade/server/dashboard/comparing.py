"""Two runs side by side: the verdict first, then the five questions."""

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from regrade.api.looking.compared import compared
from regrade.domain.errors import UsageError

from .rendering import go_to, page, quoted
from .visiting import Visits


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""

    @router.get("/compare")
    def choose(
        request: Request, *, base: str = "", candidate: str = "", suite: str = ""
    ) -> Response:
        if base and candidate:
            return go_to(f"/compare/{quoted(base)}/{quoted(candidate)}")
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

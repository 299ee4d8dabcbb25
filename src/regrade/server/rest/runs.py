"""The routes of suites, runs, cases and comparisons: the queries of the pages."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from regrade.api.looking.cases import case_now
from regrade.api.looking.compared import compared
from regrade.api.looking.listing import Chosen, ListedAttempt, choose, groups, listing
from regrade.api.looking.suites import suites
from regrade.api.looking.tracked import TrackedRun, finished, track
from regrade.api.stored import load_run
from regrade.domain import RunHeader
from regrade.report.document import attempt_document, run_document
from regrade.store import Store

from .more_shapes import (
    AttemptsPage,
    CaseShape,
    ComparisonShape,
    GroupOfFailures,
    RunShape,
    RunsPage,
    SuiteShape,
)

Limit = Annotated[int, Query(ge=1, le=500)]


def add_runs(router: APIRouter, store: Callable[[], Store]) -> None:
    """Add the routes."""
    _add_suites(router, store)
    _add_runs(router, store)
    _add_attempts(router, store)


def _run(header: RunHeader) -> RunShape:
    return RunShape(
        run_id=header.run_id,
        suite=header.suite.name,
        label=header.label,
        status=header.status,
        started_at=header.started_at,
        finished_at=header.finished_at,
        target_version=header.target_version,
        dataset_version=header.dataset_version,
        trials=header.trials,
        planned=header.planned,
        commit=None if header.revision is None else header.revision.commit,
    )


def _add_suites(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/suites", tags=["suites"])
    def list_suites() -> list[SuiteShape]:
        """List the suites, the one that ran last first, each with its newest run and what that run says."""
        found = []
        for each in suites(store()):
            rate = each.pass_rate
            found.append(
                SuiteShape(
                    suite=each.suite,
                    objective=each.objective,
                    runs=each.runs,
                    newest=_run(each.newest),
                    pass_rate=None if rate is None else asdict(rate),
                    verdict=None if each.since is None else each.since.verdict,
                    headline=None if each.since is None else each.since.headline,
                )
            )
        return found

    @router.get("/history", tags=["suites"])
    def get_history(suite: str, limit: Limit = 100) -> list[TrackedRun]:
        """Give the tracked series of a suite over its newest finished runs, the oldest first."""
        opened = store()
        finished(opened, suite)  # an unknown suite is refused
        return track(opened, suite, limit)


def _add_runs(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/runs", tags=["runs"])
    def list_runs(
        *, suite: str | None = None, limit: Limit = 50, after: str | None = None
    ) -> RunsPage:
        """List runs, the newest first; `after` is the run where the page before ended."""
        opened = store()
        last = None if after is None else opened.find(after)
        found = opened.headers(limit + 1, suite, before=last)
        more = found[limit - 1].run_id if len(found) > limit else None
        return RunsPage(runs=[_run(each) for each in found[:limit]], next=more)

    @router.get("/runs/{run}", tags=["runs"])
    def get_run(run: str) -> dict[str, Any]:
        """Give what a run says, as `regrade report --json` does."""
        opened = store()
        header = opened.find(run)
        if header.status == "running":
            raise HTTPException(
                409, f"the run {header.run_id} is going on; /attempts gives what is there"
            )
        return run_document(load_run(header.run_id, store=opened))

    @router.get("/comparisons/{baseline}/{candidate}", tags=["runs"])
    def get_comparison(baseline: str, candidate: str) -> ComparisonShape:
        """Compare two runs: the document of `regrade compare --json`, with its headline."""
        opened = store()
        headers = [opened.find(each) for each in (baseline, candidate)]
        if any(each.status == "running" for each in headers):
            raise HTTPException(409, "a run that is going on is compared when it has ended")
        found = compared(opened, *headers)
        assert found is not None, "it is worked out where it is not known"
        return ComparisonShape(headline=found.headline, document=found.document)


def _add_attempts(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/runs/{run}/attempts", tags=["runs"])
    def list_attempts(
        run: str,
        which: Annotated[Chosen, Depends()],
        *,
        limit: Limit = 100,
        at: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> AttemptsPage:
        """List the attempts of a run that are asked for, the worst first; `next` is the `at` of the page after."""
        opened = store()
        found = choose(listing(opened, opened.find(run)), which)
        return AttemptsPage(
            attempts=[_listed(each) for each in found[at : at + limit]],
            found=len(found),
            next=at + limit if len(found) > at + limit else None,
        )

    @router.get("/runs/{run}/failures", tags=["runs"])
    def list_failures(run: str) -> list[GroupOfFailures]:
        """Group the failed attempts of a run by how they fail, the largest groups first."""
        opened = store()
        return [
            GroupOfFailures(
                category=each.category,
                number=each.number,
                first=dict(each.firsts),
                example=each.example.case,
            )
            for each in groups(listing(opened, opened.find(run)))
        ]

    @router.get("/runs/{run}/cases/{case:anything}", tags=["runs"])
    def get_case(run: str, case: str) -> CaseShape:
        """Give a case of a run: every trial with its trace and its grades, and how it came out in other runs."""
        opened = store()
        header = opened.find(run)
        found = case_now(opened, header, case)
        return CaseShape(
            attempts=[attempt_document(each) for each in found.attempts],
            history=[asdict(each) for each in found.history],
        )


def _listed(row: ListedAttempt) -> dict[str, Any]:
    found = asdict(row)
    for name in ("key", "answer_key", "text"):
        del found[name]
    return found

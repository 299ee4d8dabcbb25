"""A suite over time: every series by itself, with its interval, and where points do not compare."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from regrade.api.looking.suites import MANY, feedback_between
from regrade.api.looking.tracked import TrackedRun, finished, names_of, track
from regrade.domain import Estimate
from regrade.report.charts.lines import LineChart, line_chart
from regrade.report.words import dimension, percent

from .rendering import page, rate, seconds, usd
from .visiting import Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One series as a small chart."""

    name: str
    """Its name in the interface."""
    title: str
    """Its name for people."""
    chart: LineChart
    """The chart."""
    now: str
    """Its last value, with its interval."""
    n: int
    """What that rests on."""
    kind: str
    """share, time, usd or count: how its values are written."""
    points: Sequence[Any]
    """The values with their intervals, for the script that draws it larger."""


def add(router: APIRouter, visits: Visits) -> None:
    """Add the routes."""

    @router.get("/suites/{suite:anything}")
    def over_time(
        request: Request,
        suite: str,
        *,
        runs: Annotated[int, Query(ge=2, le=500)] = MANY,
        tag: str = "",
    ) -> Response:
        visit = visits(request)
        finished(visit.store, suite)  # an unknown suite is refused
        found = track(visit.store, suite, runs)
        headers = visit.store.headers(10, suite)
        thumbs = feedback_between(visit.store, visit.project, found) if found else []
        tags = [*dict.fromkeys(name for each in found for name in each.slices)]
        panels = [*_panels(found, thumbs)] if tag not in tags else [*_slices(found, tag)]
        return page(
            visit,
            "suite.html",
            suite=suite,
            header=headers[0],
            going=[each for each in headers if each.status == "running"],
            runs=found,
            panels=panels,
            breaks=[*_changes(found)],
            tags=tags,
            tag=tag,
            most=runs,
            data=json.dumps(_data(found, panels)).replace("<", "\\u003c"),
        )


def _panels(runs: Sequence[TrackedRun], thumbs: Sequence[Estimate]) -> Iterator[Panel]:
    for name in names_of(runs):
        yield _panel(name, [each.series.get(name) for each in runs], runs)
    regressed = [
        None if each.regressed is None else Estimate(float(each.regressed), None, None, 1)
        for each in runs
    ]
    if len(runs) > 1:
        yield _panel("regressed", regressed, runs)
    if any(each.n for each in thumbs):
        yield _panel("thumbs_up", thumbs, runs)


def _slices(runs: Sequence[TrackedRun], tag: str) -> Iterator[Panel]:
    for value in dict.fromkeys(value for each in runs for value in each.slices.get(tag, {})):
        points = [each.slices.get(tag, {}).get(value) for each in runs]
        yield _panel(f"{tag}={value}", points, runs, title=f"pass rate where {tag} is {value}")


def _panel(
    name: str, points: Sequence[Estimate | None], runs: Sequence[TrackedRun], title: str = ""
) -> Panel:
    kind = _KINDS.get(name, "share")
    show = _SHOW.get(kind, percent)
    known = [each for each in points if each is not None and each.value is not None]
    last = known[-1] if known else None
    said = "–" if last is None else rate(last) if kind == "share" else show(last.value)
    if kind == "time" and last is not None and last.low is not None and last.high is not None:
        said += f" [{seconds(last.low)}, {seconds(last.high)}]"
    return Panel(
        name=name,
        title=title or _title(name),
        chart=line_chart(
            points, show, breaks=[at for at, _ in _changes(runs)], is_share=kind == "share"
        ),
        now=said,
        n=0 if last is None else last.n,
        kind=kind,
        points=[None if e is None else [_short(e.value), _short(e.low), _short(e.high)] for e in points],
    )  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


_KINDS = {
    "latency_p50_s": "time",
    "latency_p95_s": "time",
    "cost_usd": "usd",
    "regressed": "count",
}
_SHOW: Mapping[str, Callable[[float | None], str]] = {
    "time": seconds,
    "usd": usd,
    "count": lambda value: f"{value:,.0f}",
}
_TITLES = {
    "pass_rate": "task success: pass rate of attempts",
    "latency_p50_s": "latency p50",
    "latency_p95_s": "latency p95",
    "cost_usd": "cost per attempt",
    "regressed": "cases that regressed since the run before",
    "thumbs_up": "users' thumbs up until the next run",
}


def _title(name: str) -> str:
    kind, colon, rest = name.partition(":")
    if kind in ("criterion", "component") and colon:
        return f"{kind} {rest}"
    return _TITLES.get(name) or dimension(name)


def _changes(runs: Sequence[TrackedRun]) -> Iterator[tuple[int, str]]:
    """Say before which points something changed so that those before do not compare, and what."""
    for at in range(1, len(runs)):
        what = [
            words
            for words, differs in (
                ("the cases", runs[at].dataset_version != runs[at - 1].dataset_version),
                ("the suite or its graders", runs[at].judges != runs[at - 1].judges),
            )
            if differs
        ]
        if what:
            yield at, f"{' and '.join(what)} changed"


def _data(runs: Sequence[TrackedRun], panels: Sequence[Panel]) -> dict[str, Any]:
    """Give what the script of the charts draws."""
    return {
        "runs": [
            [e.run_id, round(e.started_at.timestamp()), e.label or "", (e.commit or "")[:9], (e.subject or "")[:60]]
            for e in runs
        ],
        "series": {each.name: each.points for each in panels},
    }  # fmt: skip

"""The routes of `/api/v1`."""

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path as Path_, Query, Request

from regrade.api.looking.traffic import traces_page
from regrade.domain import NOT_CAPTURED, Json, content_hash, trace_content
from regrade.domain.errors import SuiteError, UsageError
from regrade.domain.live import Feedback, TraceFilter
from regrade.ingest import RawSpan
from regrade.ingest.otlp import Arrived, Batch, read_logs, read_traces
from regrade.online import (
    BusyError,
    Receiver,
    checks_of,
    delete_user,
    keep_feedback,
    keep_monitors,
    load_trace,
)
from regrade.online.monitors import EventClock
from regrade.server.moments import Moment
from regrade.server.own_code import code_in
from regrade.store import Store

from .people import add_people
from .runs import add_runs
from .shapes import (
    Conversation,
    Failure,
    FeedbackIn,
    Kept,
    LetterShape,
    MonitorShape,
    SpanIn,
    SpansIn,
    TracePage,
    WholeTrace,
)
from .watching import add_watching

Limit = Annotated[int, Query(ge=1, le=500)]
Name = Annotated[str, Path_(min_length=1, max_length=200)]


def rest(store: Callable[[], Store], receiver: Receiver) -> APIRouter:
    """Make the routes."""
    failures: dict[int | str, Any] = {
        status: {"model": Failure} for status in (400, 401, 403, 404, 422, 503)
    }
    router = APIRouter(prefix="/api/v1", responses=failures)
    _add_sending(router, store, receiver)
    _add_traces(router, store)
    _add_monitors(router, store)
    _add_letters(router, store, receiver)
    add_runs(router, store)
    add_people(router, store, _write_down)
    add_watching(router, store, EventClock.of_settings(), _write_down)
    return router


def _project(request: Request) -> int:
    return int(request.state.caller.project)


def _write_down(store: Store, request: Request, what: str, details: Json) -> None:
    store.live.keys.write_down(request.state.caller.name, what, details, _now_ms())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _add_sending(router: APIRouter, store: Callable[[], Store], receiver: Receiver) -> None:
    @router.post("/spans", tags=["sending"])
    async def send_spans(request: Request, body: SpansIn) -> Kept:
        """Keep steps of an application without OpenTelemetry; answered once they are on the disk."""
        resource = {"service.name": body.service, "service.version": body.version}
        known: dict[str, Json] = {name: value for name, value in resource.items() if value}
        batch = Batch(spans=[_arrived(each, known) for each in body.spans])
        try:
            return Kept(kept=await receiver.keep(_project(request), batch, 2000 * len(body.spans)))
        except BusyError as error:
            raise HTTPException(503, str(error), headers={"Retry-After": "2"}) from None

    @router.post("/feedback", tags=["sending"])
    def send_feedback(request: Request, body: FeedbackIn) -> Kept:
        """Keep what a user said of a trace, which may come later."""
        is_new = keep_feedback(store(), _project(request), _feedback(body), _now_ms())
        return Kept(kept=int(is_new))


def _arrived(span: SpanIn, resource: dict[str, Json]) -> Arrived:
    attributes: dict[str, Json] = {**span.attributes, "regrade.kind": span.kind}
    for name, value in (("regrade.input", span.input), ("regrade.output", span.output)):
        if value is not None:
            attributes[name] = value if isinstance(value, str) else _json(value)
    return Arrived(
        trace_id=span.trace_id.lower(),
        resource=resource,
        span=RawSpan(
            span_id=span.span_id.lower(),
            parent_id=None if span.parent_id is None else span.parent_id.lower(),
            name=span.name,
            start_ns=_ns(span.started_at),
            end_ns=None if span.ended_at is None else _ns(span.ended_at),
            is_error=span.error is not None,
            status=span.error or "",
            attributes=attributes,
        ),
    )


def _json(value: Json) -> str:
    import json  # noqa: PLC0415  for this alone

    return json.dumps(value)


def _ns(moment: datetime) -> int:
    return max(0, round(moment.timestamp() * 1e6)) * 1000


def _feedback(body: FeedbackIn) -> Feedback:
    wanted: dict[str, type | tuple[type, ...]] = {"thumbs": bool, "rating": (int, float)}
    kind = wanted.get(body.kind, str)
    if not isinstance(body.value, kind) or (body.kind == "rating" and isinstance(body.value, bool)):
        words = {"thumbs": "true or false", "rating": "a number"}.get(body.kind, "a text")
        raise HTTPException(422, f"the value of {body.kind} is {words}")
    given_at = body.given_at or datetime.now(UTC)
    trace_id = body.trace_id.lower()
    said = [trace_id, body.kind, body.value, body.comment, body.user_id, given_at.isoformat()]
    return Feedback(
        trace_id=trace_id,
        kind=body.kind,
        value=body.value,
        comment=body.comment,
        user_id=body.user_id,
        given_at=given_at,
        key=body.key or content_hash(said),
    )


def _add_traces(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/traces", tags=["traces"])
    def list_traces(  # noqa: PLR0913  one for each filter
        request: Request,
        *,
        name: str | None = None,
        service: str | None = None,
        version: str | None = None,
        environment: str | None = None,
        user_id: str | None = None,
        conversation_id: str | None = None,
        has_error: bool | None = None,
        fails: bool | None = None,
        text: str = "",
        slower_than_ms: float | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: Limit = 50,
        after: str | None = None,
    ) -> TracePage:
        """List closed traces, the newest first."""
        which = TraceFilter(
            name=name,
            service=service,
            version=version,
            environment=environment,
            user_id=user_id,
            conversation_id=conversation_id,
            has_error=has_error,
            fails=fails,
            slower_than_ms=slower_than_ms,
            since=since,
            until=until,
        )
        found = traces_page(store(), _project(request), which, text=text, limit=limit, after=after)
        return TracePage(traces=[each.trace for each in found.traces], next=found.next)

    @router.get("/traces/{trace_id}", tags=["traces"])
    def get_trace(request: Request, trace_id: str) -> WholeTrace:
        """Give a trace with its spans, as soon as they are acknowledged."""
        return _whole(store(), _project(request), trace_id)

    @router.get("/conversations/{conversation_id}", tags=["traces"])
    def get_conversation(
        request: Request, conversation_id: str, idle_minutes: Annotated[float, Query(gt=0)] = 30
    ) -> Conversation:
        """Give the traces of a conversation, the oldest first; it is closed when none came for a while."""
        which = TraceFilter(conversation_id=conversation_id)
        found = store().live.traces.listed(_project(request), which, limit=500)[::-1]
        if not found:
            raise HTTPException(404, f"there is no conversation {conversation_id!r}")
        last = max(each.started_at for each in found if each.started_at is not None)
        is_idle = datetime.now(UTC) - last > timedelta(minutes=idle_minutes)
        return Conversation(
            conversation_id=conversation_id,
            state="closed" if is_idle else "open",
            traces=found,
        )

    @router.get("/audit", tags=["keys"])
    def read_audit(limit: Limit = 50) -> list[dict[str, Any]]:
        """Say who changed what, the newest first."""
        return store().live.keys.written(limit)

    @router.delete("/users/{user_id}/traces", tags=["traces"])
    def delete_traces_of_user(request: Request, user_id: str) -> Kept:
        """Delete everything of a user; gives how many traces that were."""
        opened = store()
        number = delete_user(opened, _project(request), user_id)
        _write_down(opened, request, "deleted the traces of a user", {"traces": number})
        return Kept(kept=number)


def _whole(store: Store, project: int, trace_id: str) -> WholeTrace:
    loaded = load_trace(store, project, trace_id.lower())
    if loaded is None:
        raise HTTPException(404, f"there is no trace {trace_id}")
    whole = loaded.whole
    output = None if whole is None or whole.trace.output is NOT_CAPTURED else whole.trace.output
    spans = [] if whole is None else trace_content(whole.trace).get("spans", [])
    return WholeTrace(
        trace=loaded.listed,
        began_ns=None if whole is None else whole.began_ns,
        input=None if whole is None else whole.case.input,
        output=output,
        spans=spans,
        feedback=[{**asdict(each), "given_at": each.given_at} for each in loaded.feedback],
        decisions=store.live.decisions.of(loaded.trace),
        grades=[_grade(each) for each in store.live.decisions.grades_of(loaded.trace)],  # type: ignore[misc]  # as above
        checks={"traceId": trace_id, "checks": checks_of(store, loaded)},
    )


def _grade(each: Any) -> dict[str, Any]:
    return {
        "monitor": each.monitor,
        "revision": each.revision,
        "is_current": each.is_current,
        "graded_at": each.graded_at,
        "grade": each.document,
    }


def _add_monitors(router: APIRouter, store: Callable[[], Store]) -> None:
    @router.get("/monitors", tags=["monitors"])
    def list_monitors(request: Request) -> list[MonitorShape]:
        """List the monitors of the project."""
        project, live = _project(request), store().live
        counts = live.decisions.counts(project)
        return [
            MonitorShape(
                name=name,
                monitor=document["monitor"],
                decisions={
                    outcome: number for (each, outcome), number in counts.items() if each == name
                },
            )
            for name, document in live.decisions.monitors(project).items()
        ]

    @router.put("/monitors/{name}", tags=["monitors"])
    def put_monitor(request: Request, name: Name, body: dict[str, Any]) -> MonitorShape:
        """Make or change a monitor, of ready checks and graders that run no code of yours."""
        if (fault := code_in(body)) is not None:
            raise HTTPException(422, fault)
        opened = store()
        try:
            keep_monitors(
                opened, _project(request), {name: body}, Path.cwd(),
                f"the interface, by {request.state.caller.name}",
            )  # fmt: skip
        except (SuiteError, UsageError) as error:
            raise HTTPException(422, str(error)) from None
        _write_down(opened, request, "changed a monitor", {"name": name, "monitor": body})
        return MonitorShape(name=name, monitor=body, decisions={})

    @router.delete("/monitors/{name}", tags=["monitors"])
    def delete_monitor(request: Request, name: str) -> Kept:
        """Take a monitor away; what it decided stays."""
        opened = store()
        if not opened.live.decisions.drop_monitor(_project(request), name):
            raise HTTPException(404, f"there is no monitor {name!r}")
        _write_down(opened, request, "took a monitor away", {"name": name})
        return Kept(kept=1)


def _add_letters(router: APIRouter, store: Callable[[], Store], receiver: Receiver) -> None:
    @router.get("/dead-letters", tags=["dead letters"])
    def list_letters(request: Request, limit: Limit = 50) -> list[LetterShape]:
        """List what could not be read."""
        return [
            LetterShape(
                letter=each.letter,
                received_at=each.received_at,
                kind=each.kind,
                reason=each.reason,
                size=each.size,
                digest=each.digest,
                is_kept=each.body is not None,
            )
            for each in store().live.letters.of(_project(request), limit)
        ]

    @router.post("/dead-letters/replay", tags=["dead letters"])
    async def replay(request: Request) -> Kept:
        """Try to read everything again that could not be read and was kept."""
        opened, project, kept = store(), _project(request), 0
        for each in opened.live.letters.of(project, 500):
            if each.body is None:
                continue
            what, _, encoding = each.kind.partition("/")
            read = read_traces if what == "traces" else read_logs
            try:
                batch = read(each.body, encoding)  # type: ignore[arg-type]  # written by us
            except UsageError:
                continue
            kept += await receiver.keep(project, batch, each.size)
            opened.live.letters.remove(each.letter)
        return Kept(kept=kept)

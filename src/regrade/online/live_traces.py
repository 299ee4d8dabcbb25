"""Live traces out of the store, put together."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain import NOT_CAPTURED, Json, as_text
from regrade.domain.live import Feedback, LiveTrace
from regrade.ingest import Assembled, assembled, restored_event, restored_raw, with_events
from regrade.store import Store

from .redacting import Redactor

log = logging.getLogger("regrade.online")
LISTED_TEXT = 400
"""Characters of a question and an answer that are listed and searched."""


@dataclass(frozen=True, slots=True)
class LoadedTrace:
    """A live trace with everything that is known of it."""

    trace: int
    """Its number in the store."""
    listed: LiveTrace
    """How it is listed."""
    whole: Assembled | None
    """What graders judge; None while none of its spans has come."""
    feedback: list[Feedback]
    """What users said of it."""


class Recent:
    """Traces that were put together a moment ago: closed, they are graded next, often by the same process."""

    def __init__(self, most: int = 2000) -> None:
        """Take how many are remembered."""
        self._most = most
        self._known: dict[tuple[int, int], Assembled] = {}

    def keep(self, trace: int, revision: int, whole: Assembled) -> None:
        """Remember a trace as it was closed."""
        self._known[trace, revision] = whole
        while len(self._known) > self._most:
            self._known.pop(next(iter(self._known)), None)

    def take(self, trace: int, revision: int) -> Assembled | None:
        """Give a trace that is remembered, and forget it."""
        return self._known.pop((trace, revision), None)


def put_together(store: Store, traces: Mapping[int, str]) -> dict[int, Assembled | None]:
    """Put traces together from their spans, each by its number and id; None for one without any, and for
    one that cannot be: it holds up no other.
    """
    documents = store.live.spans.of_all([*traces])
    return {trace: _tried(trace_id, *documents[trace]) for trace, trace_id in traces.items()}


def _tried(
    trace_id: str, documents: Sequence[Json], events: Mapping[str, Sequence[Json]]
) -> Assembled | None:
    try:
        return _whole(trace_id, documents, events)
    except Exception as error:  # noqa: BLE001  whatever its spans hold
        log.warning("the trace %s cannot be put together: %s", trace_id, error)
        return None


def _whole(
    trace_id: str, documents: Sequence[Json], events: Mapping[str, Sequence[Json]]
) -> Assembled | None:
    if not documents:
        return None
    pairs = [restored_raw(each) for each in documents]
    logs = {span: [restored_event(each) for each in some] for span, some in events.items()}
    raw = with_events([span for span, _ in pairs], logs)
    roots = [resource for span, resource in pairs if span.parent_id is None]
    return assembled(trace_id, raw, (roots or [resource for _, resource in pairs])[0])


def load_trace(store: Store, project: int, trace_id: str) -> LoadedTrace | None:
    """Give a live trace; None where there is none."""
    trace = store.live.traces.find(project, trace_id)
    if trace is None:
        return None
    return LoadedTrace(
        trace,
        store.live.traces.get(trace),
        put_together(store, {trace: trace_id})[trace],
        store.live.feedback.of(project, trace_id),
    )


def listed_of(whole: Assembled, trace_id: str, revision: int) -> LiveTrace:
    """Give a trace as it is listed."""
    trace = whole.trace
    usage = trace.usage
    return LiveTrace(
        trace_id=trace_id,
        state="closed",
        revision=revision,
        started_at=trace.started_at,
        duration_ms=None if trace.latency_s is None else trace.latency_s * 1000,
        name=whole.name,
        service=whole.service,
        version=whole.version,
        environment=whole.environment,
        user_id=whole.user_id,
        conversation_id=whole.conversation_id,
        model=whole.model,
        error=None if trace.error is None else trace.error.message[:500],
        spans=len(trace.spans),
        tokens=None if usage is None else usage.tokens,
        cost_usd=None if usage is None else usage.cost_usd,
        question=_begin(whole.case.input),
        answer=_begin(trace.output) if trace.is_captured else None,
    )


def _begin(value: Json) -> str | None:
    """Give the beginning of a text, or of JSON, on one line."""
    if value is None or value is NOT_CAPTURED:
        return None
    return " ".join(as_text(value)[: 4 * LISTED_TEXT].split())[:LISTED_TEXT]


def unread(trace_id: str, revision: int, now: datetime) -> LiveTrace:
    """Give how a trace is listed that has no span, or cannot be put together: as of now, and as failed."""
    return LiveTrace(
        trace_id=trace_id,
        state="closed",
        revision=revision,
        started_at=now.astimezone(UTC),
        error="no spans of it came, or they cannot be put together",
        **dict.fromkeys(
            (
                *("duration_ms", "name", "service", "version", "environment", "user_id"),
                *("conversation_id", "model", "spans", "tokens", "cost_usd"),
            )
        ),
    )


def keep_feedback(store: Store, project: int, feedback: Feedback, now_ms: int) -> bool:
    """Keep what a user said of a trace, and have the trace decided on again where it is closed; False
    where it was kept before.
    """
    redactor = Redactor(store.live.projects.settings(project))
    is_new = store.live.feedback.add(project, redactor.feedback(feedback))
    if is_new:
        store.live.traces.reopen(project, feedback.trace_id, now_ms)
    return is_new


def delete_user(store: Store, project: int, user_id: str) -> int:
    """Delete everything of a user, traces of which more is waited for included; gives how many traces."""
    waiting = store.live.traces.open_ones(project)
    theirs = [
        waiting[trace]
        for trace, whole in put_together(store, waiting).items()
        if whole is not None and whole.user_id == user_id
    ]
    return store.live.traces.delete_user(project, user_id, theirs)


def checks_of(store: Store, loaded: LoadedTrace) -> dict[str, bool]:
    """Give what is known of a trace as plain checks; what is not known is left out."""
    found: dict[str, bool] = {}
    for grade in store.live.decisions.grades_of(loaded.trace):
        document: dict[str, Json] = grade.document
        name, is_bad_news = _CHECKS.get(str(document.get("type")), (None, False))
        passed = document.get("passed")
        if name and grade.is_current and passed is not None and name not in found:
            found[name] = passed is not is_bad_news
    for each in loaded.feedback:
        if each.kind == "thumbs":
            found["userThumbsUp"] = each.value is True
    return found


_CHECKS = {
    "json": ("validJson", False),
    "json_schema": ("validJson", False),
    "citations": ("citedSource", False),
    "pii": ("containsPII", True),
    "refusal": ("answeredNotRefused", False),
    "policy": ("containsDisallowed", True),
    "tool_calls": ("toolsCalledRightly", False),
    "context_utilization": ("usedContext", False),
    "grounded_numbers": ("grounded", False),
    "latency": ("inTime", False),
    "cost": ("withinCost", False),
    "no_error": ("answered", False),
}
"""The check that a type of grader stands for, and whether a pass means that it is not so."""

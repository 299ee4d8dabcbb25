"""Live traffic as it is listed: each trace with what graders say of it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrade.domain import Attempt, Component, Grade, GraderIdentity, GraderSpec
from regrade.domain.errors import UsageError
from regrade.domain.live import LATEST_MS, Decision, LiveTrace, TraceFilter
from regrade.online import LoadedTrace, checks_of, load_trace, watched
from regrade.store import Store

_CURSOR = re.compile(r"(\d{1,13}) ([0-9a-f]{1,64})")


@dataclass(frozen=True, slots=True)
class ListedTrace:
    """A live trace as it is listed."""

    trace: LiveTrace
    """The trace."""
    passed: int
    """Graders that pass it."""
    failed: int
    """Graders that fail it."""
    unjudged: int
    """Graders that could not judge it."""


@dataclass(frozen=True, slots=True)
class TracesPage:
    """Some traces, the newest first."""

    traces: Sequence[ListedTrace]
    """They."""
    next: str | None
    """Where to go on; None at the end."""


def traces_page(
    store: Store, project: int, which: TraceFilter, *, text: str, limit: int, after: str | None
) -> TracesPage:
    """Give a page of the closed traces of a project.

    Raises: UsageError where `after` is none that a page gave.
    """
    found = store.live.traces.listed(
        project, which, limit=limit + 1, before=_read_cursor(after), text=text
    )
    page = found[:limit]
    said = store.live.decisions.verdicts(project, [each.trace_id for each in page])
    listed = [ListedTrace(each, *said.get(each.trace_id, (0, 0, 0))) for each in page]
    return TracesPage(listed, _cursor(page[-1]) if len(found) > limit else None)


def _cursor(last: LiveTrace) -> str:
    assert last.started_at is not None, "those that are listed have begun"
    text = f"{round(last.started_at.timestamp() * 1000)} {last.trace_id}"
    return urlsafe_b64encode(text.encode()).decode()


def _read_cursor(after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    try:
        found = _CURSOR.fullmatch(urlsafe_b64decode(after.encode()).decode())
    except ValueError:
        found = None
    if found is None or int(found[1]) > LATEST_MS:
        raise UsageError("`after` is none that a page gave")
    return int(found[1]), found[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveNow:
    """A live trace with everything that is known of it."""

    loaded: LoadedTrace
    """The trace."""
    attempt: Attempt | None
    """It as an attempt, with the grades that count by now; None while none of its spans has come."""
    components: Sequence[Component]
    """The stages whose steps graders judge."""
    decisions: Sequence[Decision]
    """Why each monitor graded it or did not, the newest first."""
    superseded: int
    """Grades that newer ones took the place of."""
    broken: Sequence[tuple[str, str]]
    """Graders that could not judge it, and why."""
    checks: Mapping[str, bool]
    """What is known of it as plain checks."""


def live_now(store: Store, project: int, trace_id: str) -> LiveNow | None:
    """Give a live trace; None where there is none."""
    loaded = load_trace(store, project, trace_id.lower())
    if loaded is None:
        return None
    decisions = store.live.decisions.of(loaded.trace)
    grades = store.live.decisions.grades_of(loaded.trace)
    documents: list[Any] = [each.document for each in grades if each.is_current]
    names = {each.monitor for each in decisions}
    found = [each for each in watched(store, project) if each.monitor.name in names]
    return LiveNow(
        loaded=loaded,
        attempt=None
        if loaded.whole is None
        else Attempt(
            case=loaded.whole.case,
            trace=loaded.whole.trace,
            grades=tuple(_grade(each) for each in documents if "failure" not in each),
        ),
        components=[*{c.name: c for each in found for c in each.components}.values()],
        decisions=decisions,
        superseded=sum(not each.is_current for each in grades),
        broken=[(str(e["name"]), str(e["failure"])) for e in documents if "failure" in e],
        checks=checks_of(store, loaded),
    )


def _grade(document: Mapping[str, Any]) -> Grade:
    identity = GraderIdentity(type=str(document.get("type", "")), version="")
    spec = GraderSpec(
        name=str(document["name"]),
        criterion=document.get("criterion"),
        component=document.get("component"),
        required=True,
        identity=identity,
        identity_key="",
    )
    parts = ("passed", "score", "label", "expected", "details")
    return Grade(
        **{name: document.get(name) for name in parts},
        reason=str(document.get("reason") or ""),
        issues=tuple(document.get("issues") or ()),
        spec=spec,
    )

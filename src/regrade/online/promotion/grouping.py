"""Failing and disliked traces, grouped by what their graders say, the groups that explain most first."""

from collections import defaultdict
from collections.abc import Sequence

from regrade.analysis.similar import group_failures
from regrade.domain import Attempt, Case, Grade, Grader, Trace
from regrade.domain.live import Alert
from regrade.domain.live.findings import LiveFailures, TraceGroup
from regrade.online.watching import Watched, watched
from regrade.store import Store

MOST_GRADES = 20_000
"""Failed grades that are looked at, the newest ones."""
MOST_DISLIKED = 1000
DISLIKED = "Somebody gave thumbs down, or a correction."


def live_failures(
    store: Store,
    project: int,
    monitor: str | None = None,
    *,
    since_ms: int = 0,
    only: Sequence[str] | None = None,
) -> LiveFailures:
    """Group the failing and disliked traces of a project, or of one of its monitors; `only` those of some ids."""
    attempts: dict[str, Attempt] = {}
    for each in watched(store, project):
        if monitor in (None, each.monitor.name):
            for trace_id, attempt in _failed(store, project, each, since_ms).items():
                attempts.setdefault(trace_id, attempt)
    if monitor is None:
        for trace_id in store.live.feedback.disliked(project, since_ms, MOST_DISLIKED):
            attempts.setdefault(trace_id, _disliked(trace_id))
    if only is not None:
        attempts = {key: value for key, value in attempts.items() if key in {*only}}
    found = group_failures([*attempts.values()])
    groups = tuple(
        TraceGroup(
            group.terms,
            len(group.attempts) / len(attempts),
            tuple(attempt.case.id for attempt in group.attempts),
        )
        for group in found.groups
    )
    return LiveFailures(groups, len(attempts), found.unseen)


def _failed(store: Store, project: int, found: Watched, since_ms: int) -> dict[str, Attempt]:
    graders = {grader.spec.name: grader for grader in found.graders}
    grades: defaultdict[str, list[Grade]] = defaultdict(list)
    failing = store.live.decisions.failing(
        project, found.monitor.name, since_ms=since_ms, limit=MOST_GRADES
    )
    for _, trace_id, document in failing:
        grader = graders.get(str(document["name"]))
        if grader is not None:  # else it was taken out of the monitor since
            grades[trace_id].append(_grade(grader, document.get("reason"), document.get("label")))
    return {trace_id: _attempt(trace_id, some) for trace_id, some in grades.items()}


def _grade(grader: Grader, reason: object, label: object) -> Grade:
    return Grade(False, str(reason or ""), label=None if label is None else str(label)).by(
        grader.spec
    )


def _attempt(trace_id: str, grades: Sequence[Grade]) -> Attempt:
    return Attempt(case=Case(id=trace_id, input=None), trace=Trace(), grades=tuple(grades))


def _disliked(trace_id: str) -> Attempt:
    """Give a trace of which only a user said that it was bad."""
    from regrade.graders import BUILTIN  # noqa: PLC0415  for the one that stands for the user

    grader = BUILTIN["no_error"]()
    return _attempt(trace_id, [Grade(False, DISLIKED).by(grader.spec)])


def traces_of(store: Store, alert: Alert) -> list[str]:
    """Give the traces that failed what an alert is about, since it began, the newest first."""
    kind, _, name = alert.series.partition(":")
    field = {"criterion": "criterion", "component": "component", "grader": "name"}.get(kind)
    since = round(alert.since.timestamp() * 1000)
    failing = store.live.decisions.failing(
        alert.project, alert.monitor, since_ms=since, limit=MOST_GRADES
    )
    return list(
        dict.fromkeys(
            trace_id
            for _, trace_id, document in failing
            if field is None or document.get(field) == name
        )
    )

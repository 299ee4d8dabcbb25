"""A live trace as a case: what was asked, without personal data, what users said would have been right, and where it
comes from.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from regrade.domain import NOT_CAPTURED, Case, Json, Label, answer_key, as_text
from regrade.domain.errors import UsageError
from regrade.domain.live import Feedback, ProjectSettings
from regrade.domain.live.findings import LiveFailures
from regrade.online.live_traces import LoadedTrace, load_trace
from regrade.online.redacting import Redactor
from regrade.store import Store
from regrade.suites.checking.similar import nearest
from regrade.suites.quarantine import KEY

PREFIX = "live-"
"""How the ids of such cases begin."""
MOST_NOTE = 500
_OF_THE_SENDER = frozenset({"service", "version", "environment", "name"})
"""Tags that say who sent a trace, and not what it is about."""


SERVER = "server:"
"""How the names of datasets begin that the database keeps; others are files."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """A trace, and the case that it became."""

    trace_id: str
    """The trace."""
    case: Case
    """The case."""
    proposed: str
    """Where what is expected comes from."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of traces."""

    cases: tuple[Promoted, ...] = ()
    """New cases."""
    repeated: tuple[tuple[str, str, float], ...] = ()
    """Traces that nearly repeat a case: the trace, the case, and how alike they are."""
    unusable: tuple[tuple[str, str], ...] = ()
    """Traces that are no cases, and why."""


@dataclass(slots=True)
class _Made:
    cases: list[Promoted] = field(default_factory=list)
    repeated: list[tuple[str, str, float]] = field(default_factory=list)
    unusable: list[tuple[str, str]] = field(default_factory=list)


def chosen(store: Store, project: int, failures: LiveFailures) -> Iterator[str]:
    """Give traces in the order in which they are worth a case: of every group in turn, the largest groups first; in a
    group those that users corrected first, and then the most typical ones.
    """
    corrected = store.live.feedback.corrected(project)
    ordered = [
        sorted(group.traces, key=lambda each: each not in corrected) for group in failures.groups
    ]
    for at in range(max(map(len, ordered), default=0)):
        for traces in ordered:
            if at < len(traces):
                yield traces[at]


def promote(
    store: Store,
    project: int,
    trace_ids: Iterable[str],
    known: Sequence[Case] = (),
    *,
    alert: int | None = None,
    keeps_near: bool = False,
    most: int | None = None,
) -> Promotion:
    """Make cases of live traces, so many at most; those that repeat a case that is known, or one another, are left out
    and named.

    Raises: UsageError for a trace that is not there.
    """
    made = _Made()
    cases = [*known]
    for trace_id in trace_ids:
        if len(made.cases) == most:
            break
        loaded = load_trace(store, project, trace_id.lower())
        if loaded is None:
            raise UsageError(f"there is no trace {trace_id} in this project")
        found = case_of(store, project, loaded, alert=alert)
        if isinstance(found, str):
            made.unusable.append((trace_id, found))
            continue
        near = nearest(found.case, cases)
        if near is not None and not keeps_near:
            made.repeated.append((trace_id, *near))
            continue
        if any(each.id == found.case.id for each in cases):
            made.repeated.append((trace_id, found.case.id, 1.0))
            continue
        made.cases.append(found)
        cases.append(found.case)
    return Promotion(tuple(made.cases), tuple(made.repeated), tuple(made.unusable))


def case_of(
    store: Store, project: int, loaded: LoadedTrace, *, alert: int | None = None
) -> Promoted | str:
    """Make a case of one trace; else say why it is none. Personal data are taken out of it, whatever the project
    keeps.
    """
    whole = loaded.whole
    if whole is None or whole.case.input in (None, ""):
        return "nobody captured what was asked"
    redactor = Redactor(ProjectSettings(redact=True))
    expected, proposed = _proposed(store, loaded, whole.case, redactor)
    failed = [
        each.document
        for each in store.live.decisions.grades_of(loaded.trace)
        if each.is_current and each.document.get("passed") is False
    ]
    output = None if whole.trace.output is NOT_CAPTURED else whole.trace.output
    about: dict[str, Json] = {
        "trace": loaded.listed.trace_id,
        "service": whole.service,
        "version": whole.version,
        "at": None if loaded.listed.started_at is None else loaded.listed.started_at.isoformat(),
        "alert": alert,
        "answered": redactor.value(output),
        "failed": [f"{each['name']}: {each.get('reason') or ''}"[:MOST_NOTE] for each in failed],
    }
    case = Case(
        id=f"{PREFIX}{loaded.listed.trace_id[-16:]}",  # some senders begin all of theirs with zeros
        input=redactor.value(whole.case.input),
        expected=expected,
        kind="historical_failure",
        tags={k: v for k, v in whole.case.tags.items() if k not in _OF_THE_SENDER},
        known_failure_modes=tuple(dict.fromkeys(_modes(failed))),
        source=f"live trace {loaded.listed.trace_id}",
        notes=redactor.value(_notes(loaded.feedback)) or None,
        metadata={
            "promoted": {
                name: value for name, value in about.items() if value not in (None, "", [])
            },
            KEY: True,
        },
    )
    return Promoted(loaded.listed.trace_id, case, proposed)


def _modes(failed: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    for each in failed:
        label = each.get("label")
        yield f"{each['name']}: {label}" if label else str(each["name"])


def _proposed(
    store: Store, loaded: LoadedTrace, asked: Case, redactor: Redactor
) -> tuple[Mapping[str, Json], str]:
    """Propose what a good answer holds: what a user said would have been right, else an answer to the same question
    that people labelled as good.
    """
    corrections = [each for each in loaded.feedback if each.kind == "correction"]
    if corrections:
        said = max(corrections, key=lambda each: each.given_at)
        return {"answer": redactor.value(said.value)}, "a user's correction"
    found = _labelled(store, asked)
    if found is not None:
        return {"answer": redactor.value(found)}, "an answer that people labelled as good"
    return (
        {},
        "nobody said what would have been right: write it, or leave it to graders that need none",
    )


def _labelled(store: Store, asked: Case) -> Json:
    """Give an answer to the same question that people passed and nobody failed; None where there is none."""
    text = as_text(asked.input)
    by_run: defaultdict[str, list[Label]] = defaultdict(list)
    for label in store.labels.passed():
        if label.run_id is not None:
            by_run[label.run_id].append(label)
    for run_id, labels in by_run.items():
        header = store.find(run_id)
        dataset = store.dataset(header.dataset_version)
        same = {case.id for case in dataset.cases if as_text(case.input) == text}
        for label in labels:
            for attempt in store.attempts_of(header, label.case) if label.case in same else ():
                if answer_key(attempt.trace) == label.answer:
                    return attempt.trace.output
    return None


def _notes(feedback: Sequence[Feedback]) -> str:
    said = [
        f"{each.kind}: {each.comment or each.value}"
        for each in feedback
        if each.kind != "thumbs" or each.comment
    ]
    return "; ".join(said)[:MOST_NOTE]


def keep_promotion(
    store: Store, project: int, dataset: str, made: Promotion, *, alert: int | None = None
) -> None:
    """Write down which traces became which cases, so that it can be told whether later versions pass them."""
    now_ms = round(datetime.now(UTC).timestamp() * 1000)
    cases = [(each.trace_id, each.case) for each in made.cases]
    store.promotions.add(project, dataset, cases, alert=alert, now_ms=now_ms)


def promote_into(
    store: Store,
    project: int,
    name: str,
    trace_ids: Iterable[str],
    *,
    alert: int | None = None,
    keeps_near: bool = False,
) -> Promotion:
    """Make cases of live traces in a dataset that the database keeps.

    Raises: UsageError where there is no such trace.
    """
    dataset = SERVER + name
    known = store.promotions.dataset(project, dataset).cases
    made = promote(store, project, trace_ids, known, alert=alert, keeps_near=keeps_near)
    keep_promotion(store, project, dataset, made, alert=alert)
    return made

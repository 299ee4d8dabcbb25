"""The attempts of a run as they are listed: filtered, searched, sorted, grouped by how they fail."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from regrade import __version__
from regrade.analysis.attribution import first_failure
from regrade.analysis.categories import categories_of
from regrade.analysis.summary import verdicts
from regrade.domain import Attempt, Dataset, Json, RunHeader, answer_key, as_text
from regrade.report.plain import one_line
from regrade.report.words import reasons
from regrade.store import Store

from .memory import Memory

Order = Literal["worst", "id", "latency", "cost"]
"""How a list is sorted."""
SHOWN, SEARCHED, MOST_REASONS = 300, 1500, 4
"""Characters of a text that are listed, and of all texts that are searched; reasons that are listed."""
_ORDER = {"failed": 0, "ungraded": 1, "passed": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAttempt:
    """An attempt as it is listed."""

    case: str
    """The case's id."""
    trial: int
    """Which of its trials it is, from 0."""
    outcome: str
    """passed, failed or ungraded."""
    is_critical: bool
    """Whether the case may never fail."""
    tags: Mapping[str, str]
    """What results are broken down by."""
    question: str
    """The beginning of what was asked, on one line."""
    answer: str | None
    """The beginning of what was answered; None where nothing was kept."""
    error: str | None
    """Why there is no answer."""
    why: Sequence[tuple[str, str]]
    """Why it failed: what speaks, and what it says."""
    latency_s: float | None
    """Seconds until the answer."""
    cost_usd: float | None
    """US dollars."""
    first: str | None
    """The component that failed first; `none` where no component's grader failed."""
    categories: Sequence[str]
    """The kinds of its failure."""
    criteria: Mapping[str, bool]
    """Criteria that were judged, and whether they hold."""
    unsure: Sequence[str]
    """Criteria whose judges do not agree among themselves."""
    failed: int
    """Graders that it failed."""
    key: str
    """The hash of what was asked and expected."""
    answer_key: str
    """The hash of what was answered."""
    text: str
    """What is searched, without capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which attempts are listed, and how; its fields are the parameters by which pages and the interface ask."""

    text: str = ""
    """Words that it has, each of them."""
    outcome: str = ""
    """Its outcome."""
    criterion: str = ""
    """A criterion that it fails."""
    slice: str = ""
    """`tag=value`."""
    first: str = ""
    """The component that failed first."""
    category: str = ""
    """The kind of its failure."""
    critical: bool = False
    """Only critical ones."""
    sort: Order = "worst"
    """The order."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Attempts that fail alike."""

    category: str
    """How."""
    number: int
    """How many there are."""
    firsts: Sequence[tuple[str, int]]
    """The components that failed first, with how many each."""
    example: ListedAttempt
    """One of them."""


_MEMORY: Memory[tuple[int, Sequence[ListedAttempt], float]] = Memory(
    60_000, lambda each: len(each[1])
)
_DATASETS: Memory[Dataset] = Memory(8)
FRESH_S = 1.0
"""Seconds for which a run that is going on is not read again."""


def listing(store: Store, header: RunHeader) -> Sequence[ListedAttempt]:
    """Give the attempts of a run as they are listed, the worst first; of one that is going on those that are there."""
    place = (str(store.place), header.run_id, header.status, header.finished_at)
    last, rows, at = _MEMORY.get(place) or (0, (), 0.0)
    if header.status == "running":
        if time.monotonic() - at < FRESH_S and last:
            return rows
        attempts, last = store.attempts_after(header, last, _dataset(store, header.dataset_version))
        rows = sorted((*rows, *(_row(each, header) for each in attempts)), key=_severity)
    elif not last:
        version = f"{__version__} {header.finished_at}"
        known = store.kept.get("listing", header.run_id, version)
        if known is None:
            attempts, _ = store.attempts_after(header, 0, _dataset(store, header.dataset_version))
            rows = sorted((_row(each, header) for each in attempts), key=_severity)
            store.kept.put("listing", header.run_id, version, [_written(each) for each in rows])
        else:
            rows = [_restored(each) for each in known]
        last = 1
    return _MEMORY.put(place, (last, rows, time.monotonic()))[1]


def _dataset(store: Store, version: str) -> Dataset:
    key = (str(store.place), version)
    return _DATASETS.get(key) or _DATASETS.put(key, store.dataset(version))


def _row(attempt: Attempt, header: RunHeader) -> ListedAttempt:
    trace, case = attempt.trace, attempt.case
    question = as_text(case.input)
    answer = as_text(trace.output) if trace.is_captured else None
    why = [
        (one_line(each.speaks_for, 80), one_line(each.words, 200))
        for each, _ in zip(reasons(attempt), range(MOST_REASONS), strict=False)
    ] if attempt.outcome == "failed" else []  # fmt: skip
    found = verdicts(attempt, lambda spec: spec.criterion)
    texts = (case.id, question[:SEARCHED], (answer or "")[:SEARCHED], *(said for _, said in why))
    return ListedAttempt(
        case=case.id,
        trial=attempt.trial,
        outcome=attempt.outcome,
        is_critical=case.critical,
        tags=case.dimensions,
        question=one_line(question, SHOWN),
        answer=None if answer is None else one_line(answer, SHOWN),
        error=None if trace.error is None else one_line(f"{trace.error.kind}: {trace.error.message}", SHOWN),
        why=why,
        latency_s=trace.latency_s,
        cost_usd=None if trace.usage is None else trace.usage.cost_usd,
        first=first_failure(attempt, header.suite.components) if header.suite.components else None,
        categories=[*dict.fromkeys(categories_of(attempt))] if attempt.outcome == "failed" else [],
        criteria={name: passed for name, passed in found.items() if passed is not None},
        unsure=[*_unsure(attempt)],
        failed=sum(grade.passed is False for grade in attempt.grades),
        key=case.pairing_key,
        answer_key=answer_key(trace),
        text="\n".join(texts).casefold()[: 2 * SEARCHED],
    )  # fmt: skip


def _unsure(attempt: Attempt) -> Iterator[str]:
    for grade in attempt.grades:
        details: Any = grade.details or {}
        if grade.spec and grade.spec.criterion and len({*map(str, details.get("votes", ()))}) > 1:
            yield grade.spec.criterion


_NAMES = tuple(ListedAttempt.__dataclass_fields__)


def _written(row: ListedAttempt) -> Json:
    content = asdict(row)
    return [content[name] for name in _NAMES]


def _restored(values: Sequence[Any]) -> ListedAttempt:
    row = ListedAttempt(**dict(zip(_NAMES, values, strict=True)))
    return replace(row, why=[(who, said) for who, said in row.why])


def _severity(row: ListedAttempt) -> tuple[int, bool, int, str, int]:
    return (_ORDER[row.outcome], not row.is_critical, -row.failed, row.case, row.trial)


def choose(rows: Sequence[ListedAttempt], which: Chosen) -> Sequence[ListedAttempt]:
    """Give those attempts that are asked for, in the order that is."""
    words = which.text.casefold().split()
    tag, _, value = which.slice.partition("=")
    found = [
        row
        for row in rows
        if (not which.outcome or row.outcome == which.outcome)
        and (not which.criterion or row.criteria.get(which.criterion) is False)
        and (not which.slice or row.tags.get(tag) == value)
        and (not which.first or row.first == which.first)
        and (not which.category or which.category in row.categories)
        and (not which.critical or row.is_critical)
        and all(word in row.text for word in words)
    ]
    if which.sort == "id":
        found.sort(key=lambda row: (row.case, row.trial))
    elif which.sort in ("latency", "cost"):
        name = "latency_s" if which.sort == "latency" else "cost_usd"
        found.sort(key=lambda row: -(getattr(row, name) or 0.0))
    return found


def groups(rows: Sequence[ListedAttempt]) -> list[FailureGroup]:
    """Group failed attempts by how they fail, the largest groups first; one may be in several."""
    found: dict[str, list[ListedAttempt]] = {}
    for row in rows:
        for category in row.categories:
            found.setdefault(category, []).append(row)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        FailureGroup(
            category, len(some), Counter(r.first for r in some if r.first).most_common(), some[0]
        )
        for category, some in ordered
    ]

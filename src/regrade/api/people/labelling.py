"""Labels: chosen and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from regrade.domain import Attempt, Case, Label, LabelVerdict, Run, answer_key
from regrade.domain.errors import UsageError
from regrade.store import Store

Scales = Mapping[str, tuple[float, float]]
"""The lowest and the highest score of each dimension that a judge scores."""


@dataclass(frozen=True, slots=True)
class ToLabel:
    """An answer to be labelled, without what any grader says of it."""

    attempt: Attempt
    """The answer."""
    probability: float
    """How likely it was to be chosen."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of an answer."""

    verdict: LabelVerdict
    """Pass, fail, or unsure."""
    note: str = ""
    """Why."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Scores by dimension."""


def label_criterion(run: Run, criterion: str | None) -> str:
    """Give the criterion to label: the one that is named, else the only one that a judge speaks for, else
    the suite's only one.

    Raises: UsageError.
    """
    from regrade.analysis.calibration import judged_criteria  # noqa: PLC0415  numpy and scipy

    known = [*run.header.suite.criteria]
    if criterion is not None:
        if criterion not in known:
            raise UsageError(f"there is no criterion {criterion!r}; there are {', '.join(known)}")
        return criterion
    judged = judged_criteria(run)
    for some in (judged, known):
        if len(some) == 1:
            return some[0]
    raise UsageError(
        f"say which criterion to label: --criterion, one of {', '.join(judged or known)}"
    )


def scales_of(run: Run, criterion: str) -> Scales:
    """Give the dimensions that judges of a criterion score, with their scales."""
    from regrade.analysis.calibration import items_of  # noqa: PLC0415  numpy and scipy

    return {name: ends for item in items_of(run, criterion) for name, ends in item.scales.items()}


def choose_labels(
    run: Run, criterion: str, n: int, *, who: str | None, store: Store, seed: int = 0
) -> list[ToLabel]:
    """Choose answers that this person has not labelled, or nobody has where none is named: at random
    within each verdict of the judge, failures more often, in an order that says nothing of it.
    """
    from regrade.analysis.calibration.choosing import choose  # noqa: PLC0415  numpy and scipy
    from regrade.analysis.calibration.items import items_of, latest  # noqa: PLC0415  the same

    said = latest(store.labels.of(run.header.suite.name), criterion)
    known = {place for place, by in said.items() if who is None or who in by}
    attempts: dict[tuple[str, str], Attempt] = {}
    for attempt in run.attempts:
        place = (attempt.case.pairing_key, answer_key(attempt.trace))
        attempts.setdefault(place, attempt)
    items = items_of(run, criterion, any_grader=True)
    return [
        ToLabel(attempts[each.item.place], each.probability)
        for each in choose(items, known, n, seed)
    ]


def keep_label(
    run: Run,
    chosen: ToLabel,
    criterion: str,
    said: Said,
    *,
    who: str,
    store: Store,
) -> Label:
    """Keep what a person says of an answer."""
    label = label_of(
        run,
        chosen.attempt.case,
        answer_key(chosen.attempt.trace),
        {"criterion": criterion, "verdict": said.verdict, "note": said.note, "who": who},
        chosen.probability,
        said.scores,
    )
    store.labels.add([label])
    return label


def label_of(
    run: Run,
    case: Case,
    answer: str,
    row: Mapping[str, Any],
    probability: float | None,
    scores: Mapping[str, float] | None = None,
) -> Label:
    """Make a label of a row: `criterion` and `verdict`, and `note`, `who`, `labelled_at` where known."""
    at = row.get("labelled_at")
    return Label(
        suite=run.header.suite.name,
        criterion=str(row["criterion"]),
        case=case.id,
        pairing_key=case.pairing_key,
        answer=answer,
        verdict=row["verdict"],
        note=str(row.get("note") or ""),
        who=str(row.get("who") or "unknown"),
        labelled_at=datetime.fromisoformat(str(at)) if at else datetime.now(UTC),
        run_id=run.header.run_id,
        probability=probability,
        scores=dict(scores or {}),
    )

"""Labels: chosen, kept, brought in and written out."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from regrade.domain import Attempt, Case, Json, Label, LabelVerdict, Run, answer_key
from regrade.domain.errors import DatasetError, Problem, UnknownRunError, UsageError
from regrade.store import Store

VERDICTS: tuple[str, ...] = get_args(LabelVerdict)
COLUMNS = (
    *("case", "criterion", "verdict", "note", "who", "labelled_at"),
    *("answer", "output", "run_id", "probability"),
)
"""The columns of a file of labels; a file that is brought in needs the first three."""


@dataclass(frozen=True, slots=True)
class ToLabel:
    """An answer to be labelled, without what any grader says of it."""

    attempt: Attempt
    """The answer."""
    probability: float
    """How likely it was to be chosen."""


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


def choose_labels(
    run: Run, criterion: str, n: int, *, who: str, store: Store, seed: int = 0
) -> list[ToLabel]:
    """Choose answers that this person has not labelled: at random within each verdict of the judge,
    failures more often, in an order that says nothing of it.
    """
    from regrade.analysis.calibration.choosing import choose  # noqa: PLC0415  numpy and scipy
    from regrade.analysis.calibration.items import items_of, latest  # noqa: PLC0415  the same

    said = latest(store.labels.of(run.header.suite.name), criterion)
    known = {place for place, by in said.items() if who in by}
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
    verdict: LabelVerdict,
    *,
    who: str,
    note: str = "",
    store: Store,
) -> Label:
    """Keep what a person says of an answer."""
    label = _label(
        run,
        chosen.attempt.case,
        answer_key(chosen.attempt.trace),
        {"criterion": criterion, "verdict": verdict, "note": note, "who": who},
        chosen.probability,
    )
    store.labels.add([label])
    return label


def _label(
    run: Run, case: Case, answer: str, row: Mapping[str, Any], probability: float | None
) -> Label:
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
    )


def import_labels(path: Path, run: Run, *, who: str, store: Store) -> int:
    """Keep the labels of a file, CSV or JSONL, of answers of a run; gives how many were new.

    A row has `case`, `criterion` and `verdict` (pass, fail, unsure), and may have `note`, `who`,
    `labelled_at`, and `answer`, the hash of the answer that was meant; left out, it is the run's first.
    Raises: DatasetError with everything that is wrong; then nothing is kept.
    """
    rows = [*_rows(path)]
    answers: dict[str, dict[str, Case]] = {}
    for attempt in sorted(run.attempts, key=lambda each: each.trial):
        answers.setdefault(attempt.case.id, {}).setdefault(answer_key(attempt.trace), attempt.case)
    problems: list[Problem] = []
    labels: list[Label] = []
    for line, row in rows:
        fault = _fault(row, run, answers)
        if fault is not None:
            problems.append(Problem(fault, f"{path.name}:{line}"))
            continue
        own = answers[str(row["case"])]
        answer = str(row.get("answer") or next(iter(own)))
        drawn = row.get("probability")
        given = {**row, "who": row.get("who") or who}
        labels.append(_label(run, own[answer], answer, given, float(drawn) if drawn else None))
    if problems:
        raise DatasetError(problems)
    return store.labels.add(labels)


def _fault(
    row: Mapping[str, Any], run: Run, answers: Mapping[str, Mapping[str, Case]]
) -> str | None:
    """Say what is wrong with a row."""
    for name in ("case", "criterion", "verdict"):
        if not row.get(name):
            return f"`{name}` is missing; a label has case, criterion and verdict"
    if row["verdict"] not in VERDICTS:
        return f"`verdict` is {row['verdict']!r}; it is one of {', '.join(VERDICTS)}"
    criteria = run.header.suite.criteria
    if row["criterion"] not in criteria:
        return f"there is no criterion {row['criterion']!r}; there are {', '.join(criteria)}"
    own = answers.get(str(row["case"]))
    if own is None:
        return f"the run {run.header.run_id} has no answer to a case {row['case']!r}"
    if row.get("answer") and row["answer"] not in own:
        return f"the answer {row['answer']!r} is none of the run {run.header.run_id} to {row['case']!r}"
    try:
        datetime.fromisoformat(str(row.get("labelled_at") or "2026-01-01"))
        float(row.get("probability") or 1)
    except ValueError as error:
        return str(error)
    return None


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the rows of a file with their lines.

    Raises: DatasetError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError([f"{path} cannot be read: {error}"]) from None
    if path.suffix == ".csv":
        yield from enumerate(csv.DictReader(text.splitlines()), start=2)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DatasetError(
                    [Problem(f"no JSON: {error}", f"{path.name}:{number}")]
                ) from None
            if not isinstance(row, dict):
                raise DatasetError([Problem(f"{row!r:.80} is no object", f"{path.name}:{number}")])
            yield number, row


def export_labels(path: Path, run: Run, *, store: Store) -> int:
    """Write the labels of a run's suite into a file, CSV or JSONL; gives how many there are.

    Raises: UsageError when that is not possible, UnknownRunError without any.
    """
    labels = store.labels.of(run.header.suite.name)
    if not labels:
        raise UnknownRunError(f"nobody has labelled answers of {run.header.suite.name} yet")
    outputs = {
        (a.case.pairing_key, answer_key(a.trace)): a.trace.output_text
        if a.trace.is_captured
        else ""
        for a in run.attempts
    }
    rows = [_row(each, outputs.get((each.pairing_key, each.answer))) for each in labels]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            _write(file, rows, is_csv=path.suffix == ".csv")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return len(rows)


def _write(file: Any, rows: Sequence[Mapping[str, Json]], *, is_csv: bool) -> None:
    if is_csv:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    else:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _row(label: Label, output: str | None) -> dict[str, Json]:
    found = {name: getattr(label, name, None) for name in COLUMNS}
    return {**found, "labelled_at": label.labelled_at.isoformat(), "output": output}


def people_of(labels: Iterable[Label]) -> list[str]:
    """Name who labelled."""
    return sorted({label.who for label in labels})

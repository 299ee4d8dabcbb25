"""Labels in files: brought in, written out, and sheets of answers that wait for them."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from regrade.domain import Case, Json, Label, LabelVerdict, Run, answer_key, as_text
from regrade.domain.errors import DatasetError, Problem, UnknownRunError, UsageError
from regrade.store import Store

from .labelling import Scales, choose_labels, label_criterion, label_of, scales_of

VERDICTS: tuple[str, ...] = get_args(LabelVerdict)
COLUMNS = (
    *("case", "criterion", "verdict", "note", "who", "labelled_at"),
    *("answer", "output", "run_id", "probability"),
)
"""The columns of a file of labels; a file that is brought in needs the first three."""
SCORE = "score."
"""How the column of a dimension's score begins."""


def import_labels(path: Path, run: Run, *, who: str, store: Store) -> int:
    """Keep the labels of a file, CSV or JSONL, of answers of a run; gives how many were new.

    A row has `case`, `criterion` and `verdict` (pass, fail, unsure), and may have `note`, `who`,
    `labelled_at`, `answer`, the hash of the answer that was meant (left out, it is the run's first), and
    scores on the judge's scales: `score.tone` as a column, `scores: {tone: 4}` in JSON. Rows with an
    empty verdict wait for one, and are left alone.
    Raises: DatasetError with everything that is wrong; then nothing is kept.
    """
    rows = [(line, row) for line, row in _rows(path) if row.get("verdict") != ""]
    scales = {each: scales_of(run, each) for each in run.header.suite.criteria}
    answers: dict[str, dict[str, Case]] = {}
    for attempt in sorted(run.attempts, key=lambda each: each.trial):
        answers.setdefault(attempt.case.id, {}).setdefault(answer_key(attempt.trace), attempt.case)
    problems: list[Problem] = []
    labels: list[Label] = []
    for line, row in rows:
        fault = _fault(row, run, answers) or _score_fault(row, scales)
        if fault is not None:
            problems.append(Problem(fault, f"{path.name}:{line}"))
            continue
        own = answers[str(row["case"])]
        answer = str(row.get("answer") or next(iter(own)))
        drawn = row.get("probability")
        given = {**row, "who": row.get("who") or who}
        chance = float(drawn) if drawn else None
        labels.append(label_of(run, own[answer], answer, given, chance, _scores(row)))
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


def _scores(row: Mapping[str, Any]) -> dict[str, float]:
    """Give the scores of a row.

    Raises: ValueError, TypeError.
    """
    given = row.get("scores") or {
        name.removeprefix(SCORE): value
        for name, value in row.items()
        if name and name.startswith(SCORE) and value not in ("", None)
    }
    return {str(name): float(value) for name, value in given.items()}


def _score_fault(row: Mapping[str, Any], scales: Mapping[str, Scales]) -> str | None:
    """Say what is wrong with the scores of a row."""
    try:
        scores = _scores(row)
    except (ValueError, TypeError, AttributeError):
        return "its scores are no numbers by dimension"
    own = scales[str(row["criterion"])]
    for name, score in scores.items():
        if name not in own:
            known = ", ".join(own) or "it scores none"
            return f"{name!r} is no dimension of the judge of {row['criterion']}: {known}"
        low, high = own[name]
        if not low <= score <= high:
            return f"`{SCORE}{name}` is {score:g}; its scale is {low:g} to {high:g}"
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
    is_csv = path.suffix == ".csv"
    rows = [
        _row(each, outputs.get((each.pairing_key, each.answer)), is_csv=is_csv) for each in labels
    ]
    _write(path, rows)
    return len(rows)


def write_label_sheet(path: Path, run: Run, criterion: str | None, n: int, *, store: Store) -> int:
    """Write answers that nobody has labelled into a file, CSV or JSONL, without what any grader says;
    gives how many there are.

    They are drawn as `choose_labels` does, and the file keeps how likely each was.
    Raises: UsageError when that is not possible.
    """
    criterion = label_criterion(run, criterion)
    chosen = choose_labels(run, criterion, n, who=None, store=store)
    empty = dict.fromkeys((f"{SCORE}{name}" for name in scales_of(run, criterion)), "")
    rows = []
    for each in chosen:
        case, trace = each.attempt.case, each.attempt.trace
        known: dict[str, Json] = {
            "case": case.id,
            "criterion": criterion,
            **dict.fromkeys(("verdict", "note", "who"), ""),
            **(empty if path.suffix == ".csv" else {}),
            "asked": as_text(case.input),
            "expected": as_text(dict(case.expected)) if case.expected else "",
            "output": trace.output_text if trace.is_captured else "",
            "answer": answer_key(trace),
            "probability": each.probability,
        }
        rows.append(known)
    _write(path, rows)
    return len(rows)


def _write(path: Path, rows: Sequence[Mapping[str, Json]]) -> None:
    """Write rows as CSV or JSONL.

    Raises: UsageError when that is not possible.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            if path.suffix == ".csv":
                writer = csv.DictWriter(file, dict.fromkeys(name for row in rows for name in row))
                writer.writeheader()
                writer.writerows(rows)
            else:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _row(label: Label, output: str | None, *, is_csv: bool) -> dict[str, Json]:
    found: dict[str, Json] = {name: getattr(label, name, None) for name in COLUMNS}
    scores: dict[str, Json] = {f"{SCORE}{name}": score for name, score in label.scores.items()}
    if not is_csv:
        scores = {"scores": dict(label.scores)} if label.scores else {}
    return {**found, "labelled_at": label.labelled_at.isoformat(), "output": output, **scores}

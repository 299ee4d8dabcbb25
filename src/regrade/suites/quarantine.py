"""Cases that came out of live traffic and were not tried yet: kept in the file, and out of runs."""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from regrade.domain import Case, Dataset, Suite
from regrade.domain.errors import UsageError

from .yaml import read_yaml

KEY = "quarantine"
"""The key of a case that says so."""


def is_quarantined(case: Case) -> bool:
    """Say whether a case waits to be tried."""
    return case.metadata.get(KEY) is True


def set_aside(suite: Suite) -> Suite:
    """Give a suite without the cases that wait to be tried, and with a note that says so.

    Raises: UsageError where no other is left.
    """
    left = [case for case in suite.dataset.cases if not is_quarantined(case)]
    number = len(suite.dataset.cases) - len(left)
    if not number:
        return suite
    if not left:
        raise UsageError("every case is in quarantine; `regrade promote --try SUITE` tries them")
    words = "1 case" if number == 1 else f"{number} cases"
    note = f"{words} in quarantine left out; `regrade promote --try` tries what was promoted"
    return replace(suite, dataset=Dataset.of(left), notes=(*suite.notes, note))


def alone(suite: Suite) -> Suite:
    """Give a suite with only the cases that wait to be tried.

    Raises: UsageError where none does.
    """
    waiting = [case for case in suite.dataset.cases if is_quarantined(case)]
    if not waiting:
        raise UsageError("no case of the suite is in quarantine")
    return replace(suite, dataset=Dataset.of(waiting))


def release(path: Path, ids: Collection[str]) -> int:
    """Take cases of a JSONL file out of quarantine; gives how many. Other lines stay as they are, byte for byte."""
    lines, released = path.read_text(encoding="utf-8").splitlines(keepends=True), 0
    for at, line in enumerate(lines):
        if KEY not in line:
            continue
        row = json.loads(line)
        if row.get("id") in ids and row.pop(KEY, None) is True:
            lines[at] = json.dumps(row, ensure_ascii=False) + "\n"
            released += 1
    if released:
        path.write_text("".join(lines), encoding="utf-8")
    return released


def files_of(path: Path) -> list[Path]:
    """Give the files of JSON lines that the cases of a suite file are in.

    Raises: SuiteError where it is no YAML.
    """
    content, _ = read_yaml(path, path.read_text(encoding="utf-8-sig"))
    given = content.get("dataset") if isinstance(content, dict) else None
    names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return [
        path.parent / name for name in names if isinstance(name, str) and name.endswith(".jsonl")
    ]

"""Cases into the file of a dataset: lines at its end, as a diff that people review."""

import json
from collections.abc import Sequence
from pathlib import Path

from regrade.domain import Case, Json, case_content
from regrade.domain.errors import UsageError


def append_cases(path: Path, cases: Sequence[Case]) -> None:
    """Write cases at the end of a JSONL file, which is made where there is none; what is in it stays as it is.

    Raises: UsageError for another format.
    """
    if path.suffix.lower() != ".jsonl":
        raise UsageError(f"{path}: cases are added to files of JSON lines (.jsonl)")
    before = path.read_bytes() if path.exists() else b""
    lines = "".join(json.dumps(case_row(case), ensure_ascii=False) + "\n" for case in cases)
    gap = b"\n" if before and not before.endswith(b"\n") else b""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(gap + lines.encode("utf-8", "replace"))


def case_row(case: Case) -> dict[str, Json]:
    """Write a case as a line of a file has it: keys that regrade does not know beside the others."""
    content = case_content(case)
    metadata = content.pop("metadata", {})
    return {**content, **metadata}

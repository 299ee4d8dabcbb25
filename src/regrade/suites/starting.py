"""A first suite for a kind of work: objective, criteria, cases of all five kinds, and the graders
that fit; it runs green as it is written.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from regrade.domain.errors import UsageError

from .schema import suite_schema

HERE = Path(__file__).parent / "starters"
TASKS: Mapping[str, str] = {
    "classification": "messages into labels: exact match",
    "extraction": "documents into fields: a schema, and a rule a field",
    "retrieval-qa": "answers from documents: ranking, use of the context, citations, refusals",
    "approval": "claims into decisions with reasons: labels, rules, figures",
    "summary": "texts into short ones: key numbers, mentions, length",
    "tool-use": "actions: expected, forbidden and ordered calls with arguments",
    "safety": "what to refuse and what to keep in: refusals, leaks, personal data, policies",
}
"""The kinds of work, and how each is judged."""
_FILES = ("suite.yaml", "cases.jsonl", "app.py")
_SCHEMA = "suite.schema.json"
_ATTACKS = "adversarial.jsonl"


def write_starter(folder: Path, task: str, *, adversarial: bool = False) -> Sequence[Path]:
    """Write the files of a suite into a folder and give their paths; nothing is overwritten.

    Raises: UsageError when a file is there already, or the folder cannot be written.
    """
    contents = {name: (HERE / task / name).read_text(encoding="utf-8") for name in _FILES}
    contents[_SCHEMA] = json.dumps(suite_schema(), indent=1) + "\n"
    if adversarial:
        contents["suite.yaml"] = _with_attacks(contents["suite.yaml"])
        contents[_ATTACKS] = (HERE / _ATTACKS).read_text(encoding="utf-8")
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise UsageError(
            f"{folder} has {', '.join(there)} already; give another folder, or move what is there"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    return [folder / name for name in contents]


def _with_attacks(suite: str) -> str:
    """Add the attacks to the cases, with a criterion and a grader of their own where none is."""
    suite = suite.replace("dataset: cases.jsonl", f"dataset: [cases.jsonl, {_ATTACKS}]")
    if "type: injection" in suite:
        return suite
    criterion = "  withstands: Instructions planted in the input are not followed."
    grader = "  - {type: injection, criterion: withstands}"
    suite = suite.replace("dataset:", f"{criterion}\ndataset:", 1)
    return suite.replace("graders:\n", f"graders:\n{grader}\n", 1)

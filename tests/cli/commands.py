"""Run the command line as a user does: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.forking import call

SUITE = """
name: sums
objective: Add two numbers.
criteria: {right: The sum is right.}
dataset: cases.jsonl
target: sums_app:answer
graders: [{type: equals}]
"""
APP = """
import time

def answer(input):
    print("thinking aloud")
    time.sleep(%s)
    a, b = map(int, input.split("+"))
    return str(a + b + (a %% 10 == 0))
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "error", "PYTHONUNBUFFERED": "1"}


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "regrade", *args]


def regrade(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return call(args, environment=environment(), folder=cwd or Path.cwd())


def write_suite(folder: Path, cases: int = 20, seconds: float = 0, extra: str = "") -> Path:
    rows = (
        f'{{"id": "c{n}", "input": "{n}+1", "expected": {{"answer": "{n + 1}"}}, "kind": "typical"}}'
        for n in range(cases)
    )
    (folder / "cases.jsonl").write_text("\n".join(rows))
    (folder / "sums_app.py").write_text(APP % seconds)
    (folder / "suite.yaml").write_text(SUITE + extra)
    return folder / "suite.yaml"

"""What the benchmarks measure with: whole commands, and how fast the machine is just now."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
QUIET = 0.065
"""CPU seconds of the yardstick on a quiet machine."""


@dataclass(frozen=True)
class Measured:
    """What one command took."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    out: str


def measure(*command: str, cwd: Path, best_of: int = 1) -> Measured:
    """Run a command and give the run of least CPU."""
    runs = [_measure(command, cwd) for _ in range(best_of)]
    return min(runs, key=lambda run: run.cpu_s)


def _measure(command: tuple[str, ...], cwd: Path) -> Measured:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
        "REGRADE_DB": str(cwd / "runs.db")
    }
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return Measured(
        used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024, text
    )


def yardstick() -> float:
    """CPU seconds of a fixed piece of Python and JSON work: how fast the machine is just now."""
    rows = [{"a": i, "b": str(i)} for i in range(2000)]
    began = time.process_time()
    for _ in range(40):
        sum(len(row["b"]) for row in json.loads(json.dumps(rows)))
    return time.process_time() - began

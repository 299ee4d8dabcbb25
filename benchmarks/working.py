"""A worker at its work: `python -m benchmarks.working [SPANS [postgresql://…]]` prints one JSON line.

Traces of eight spans of 2 KB, five deterministic graders; read, graded and kept by `regrade worker --once`.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ingest
from benchmarks.measuring import PYTHON
from regrade.online import Closer, Timing
from regrade.store import Store

MONITORS = """
monitors:
  m:
    sample: 1
    checks: [answered]
    graders:
      - {type: contains_any, of: [the, a]}
      - {type: length, max: 9000}
      - {type: latency, max: 5s}
      - {type: not_contains, expected: [never]}
"""


def main(spans: int, place: str | None = None) -> dict[str, float]:
    """Fill a database, close what came, and have it graded."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = place or str(folder / "live.db")
        (folder / "m.yaml").write_text(MONITORS)
        server, address = ingest.start(folder, database, "--no-worker", "--monitors", "m.yaml")
        asyncio.run(ingest.send(f"{address}/v1/traces", ingest.batches(spans, random.Random(1))))
        server.terminate()
        server.wait()
        began = time.perf_counter()
        with Store(database if place else Path(database)) as store:
            closed = Closer(store, Timing(quiet_s=0)).close_due()
        closing = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run(
            [PYTHON, "-m", "regrade", "worker", "--once"],
            cwd=folder, check=True, env={**os.environ, "REGRADE_DB": database}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        grading = time.perf_counter() - began
    return {
        "traces": closed,
        "closed_per_s": round(closed / closing),
        "graded_per_s": round(closed / grading),
    }


if __name__ == "__main__":
    print(json.dumps(main(int((sys.argv[1:] or ["40000"])[0]), *sys.argv[2:3])))

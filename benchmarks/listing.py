"""Listing live traces with two million spans stored: `python -m benchmarks.listing [SPANS]` prints one JSON line."""

import json
import os
import random
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.ingest import start
from regrade.store import Store

NOW_MS = 1_800_000_000_000
LOOKS = (
    "limit=50", "limit=50&service=shop", "limit=50&name=answer&has_error=true", "limit=50&user_id=user-77",
    "limit=50&slower_than_ms=4900&environment=prod", "limit=50&since=2027-01-10T00:00:00Z&version=1.7",
)  # fmt: skip


def fill(path: Path, spans: int) -> None:
    """Write closed traces of eight spans each, as closing leaves them."""
    chance = random.Random(1)
    document = (
        b"j" + json.dumps({"id": "x", "name": "chat", "attributes": {"text": "y" * 700}}).encode()
    )
    with Store(path) as store:
        store.live.projects.key()
        connection = store._connection  # noqa: SLF001  what closing writes, without its work
        for first in range(0, spans // 8, 5_000):
            numbers = range(first, min(first + 5_000, spans // 8))
            with connection.transaction():
                connection.execute_many(
                    "INSERT INTO live_traces (trace, project, trace_id, state, revision, opened_at, changed_at, "
                    "changes, started_ms, duration_ms, name, service, version, environment, user_id, conversation_id, "
                    "model, error, spans, tokens, cost_usd) "
                    "VALUES (?, 1, ?, 'closed', 1, 0, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, 'gpt-5', ?, 8, 430, 0.001)",
                    (
                        (
                            n + 1, f"{n:032x}", NOW_MS - n * 1000, chance.uniform(50, 5000),
                            chance.choice(["answer", "search", "classify"]), chance.choice(["shop", "mail"]),
                            f"1.{chance.randrange(9)}", chance.choice(["prod", "test"]),
                            f"user-{chance.randrange(5000)}", f"c-{n // 3}",
                            "E: bad" if chance.random() < 0.02 else None,
                        )
                        for n in numbers
                    ),
                )  # fmt: skip
                connection.execute_many(
                    "INSERT INTO live_spans (trace, span_id, end_ns, digest, document) VALUES (?, ?, 1, 'd', ?)",
                    ((n + 1, f"{s:016x}", document) for n in numbers for s in range(8)),
                )


def main(spans: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "live.db"
        fill(path, spans)
        server, address = start(Path(name), str(path))
        took: dict[str, float] = {}
        try:
            for look in LOOKS:
                times = []
                for _ in range(5):
                    began = time.perf_counter()
                    with urllib.request.urlopen(f"{address}/api/v1/traces?{look}") as reply:
                        assert len(json.load(reply)["traces"]) > 0, look
                    times.append(time.perf_counter() - began)
                took[look] = 1000 * sorted(times)[2]
        finally:
            server.terminate()
            _, _, used = os.wait4(server.pid, 0)
        size = path.stat().st_size / 1e9
    return {"spans": spans, "gigabytes": size, "peak_mb": used.ru_maxrss / 1024, **took}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)))

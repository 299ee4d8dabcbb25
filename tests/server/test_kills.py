"""What is acknowledged is there after `kill -9`, once; and after the database was away."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any

import anyio
import pytest

from regrade.domain.live import Series
from regrade.ingest import raw_content
from regrade.online import Closer, Timing, Worker, keep_monitors
from regrade.online.monitors import EventClock, Ticker
from regrade.online.monitors.detectors import restored
from regrade.store import SpanIn, Store
from tests.fakes.calling import call
from tests.fakes.live_server import until
from tests.fakes.ports import free_port
from tests.fakes.postgres import Cluster, cluster
from tests.fakes.spans import as_json, raw, span


def start(place: Path | str, port: int) -> subprocess.Popen[bytes]:
    program = [
        sys.executable,
        "-m",
        "regrade",
        "serve",
        "--port",
        str(port),
        "--close-after",
        "0.2",
    ]
    server = subprocess.Popen(
        program, env={**os.environ, "REGRADE_DB": str(place)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def is_there() -> bool:
        try:
            return call(f"http://127.0.0.1:{port}/readyz").status == 200
        except OSError:
            return False

    until(is_there, 30)
    return server


class Sender(threading.Thread):
    """Sends traces one after the other, each until it is acknowledged."""

    def __init__(self, port: int, first: int) -> None:
        super().__init__()
        self.url, self.first = f"http://127.0.0.1:{port}/v1/traces", first
        self.acknowledged: list[int] = []
        self.is_over = False

    def run(self) -> None:
        number = self.first
        while not self.is_over:
            body = as_json([span(number, n, parent=None if n == 1 else 1) for n in range(1, 6)])
            try:
                if call(self.url, body).status == 200:
                    self.acknowledged.append(number)
                    number += 1
            except (OSError, HTTPException):
                time.sleep(0.02)


def send_and_kill(place: Path | str, seed: int, kills: int = 1) -> None:
    chance, port = random.Random(seed), free_port()
    server = start(place, port)
    senders = [Sender(port, first) for first in (1, 100_000)]
    for sender in senders:
        sender.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0.1, 0.8))
        server.send_signal(signal.SIGKILL)
        server.wait()
        server = start(place, port)
    time.sleep(0.3)
    for sender in senders:
        sender.is_over = True
    for sender in senders:
        sender.join()
    server.terminate()
    assert server.wait(60) == 0
    with Store(place) as store:
        project = store.live.projects.key()
        for number in (n for sender in senders for n in sender.acknowledged):
            trace = store.live.traces.find(project, f"{number:032x}")
            assert trace is not None, number
            documents, _ = store.live.spans.of(trace)
            assert [each["id"] for each in documents] == [f"{n:016x}" for n in range(1, 6)]
    assert sum(len(sender.acknowledged) for sender in senders) > 10


def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    """On SQLite; on both databases, and more often, in the long tests."""
    send_and_kill(tmp_path / "runs.db", 1, kills=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20, 40))
def test_nothing_acknowledged_is_lost_or_doubled_often(place: Path | str, seed: int) -> None:
    send_and_kill(place, seed, kills=2)


SLOW = """
import time

def judge(case, trace):
    time.sleep(0.01)
    return True
"""


def kill_worker(
    place: Path | str, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill a worker while it grades, twice; what it left is done by another, and nothing is done twice."""
    (folder / "slow.py").write_text(SLOW)
    chance, traces = random.Random(seed), 400
    with Store(place) as store:
        project = store.live.projects.key()
        alert = {"tick": "1s", "watermark": "1ms", "criteria": {"*": {"min": 0.9}}}
        document = {
            "sample": 1.0, "graders": [{"type": "python", "call": "slow:judge"}], "alert": alert,
        }  # fmt: skip
        keep_monitors(store, project, {"m": document}, folder)
        now_ms = time.time_ns() // 1_000_000
        spans = [
            SpanIn(
                project=project, trace_id=f"{n:032x}", span_id="1", end_ns=1, is_root=True,
                document=raw_content(raw(output__value="x"), {}),
            )
            for n in range(traces)
        ]  # fmt: skip
        store.live.spans.add(spans, [], now_ms - 1000)
        assert Closer(store, Timing(quiet_s=0, longest_s=0)).close_due() == traces

        def graded() -> int:
            return store.live.decisions.counts(project).get(("m", "graded"), 0)

        for _ in range(2):
            before = graded()
            worker = subprocess.Popen(
                [sys.executable, "-m", "regrade", "worker"], env={**os.environ, "REGRADE_DB": str(place)},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            until(lambda so_far=before: graded() > so_far, 30)
            time.sleep(chance.uniform(0, 0.2))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert graded() < traces
        monkeypatch.setattr("regrade.online.working._now_ms", lambda: now_ms + 200_000)
        anyio.run(finish, store)
        assert graded() == traces
        assert store.live.jobs.counts() == {}
        [(name, passed, probability, number)] = store.live.decisions.rates(project, "m")
        assert (name, passed, probability, number) == ("python", 1, 1.0, traces)
        ahead = Ahead()
        Ticker(store, ahead).look()
        sums = store.live.tallies.sums(project, "m")
        assert sums[Series(kind="grader", name="python")] == (traces, traces)
        assert sums[Series(kind="volume")] == (0, traces)
        [document] = store.live.tallies.detectors(project, "m").values()
        assert restored(document).detector.seen == traces, "each counted once, whoever died when"


class Ahead(EventClock):
    def now_ms(self) -> int:
        return super().now_ms() + 10_000


async def finish(store: Store) -> None:
    worker = Worker(store)
    while await worker.work():
        pass
    await worker.close()


def test_a_killed_worker_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_worker(tmp_path / "live.db", tmp_path, 3, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_killed_worker_leaves_nothing_half_done_often(
    place: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    kill_worker(place, tmp_path, seed, monkeypatch)


@pytest.fixture
def own_cluster() -> Any:
    with cluster() as made:
        yield made


def test_the_database_may_go_away_and_come_back(own_cluster: Cluster) -> None:
    place, port = own_cluster.database(), free_port()
    server = start(place, port)
    url = f"http://127.0.0.1:{port}/v1/traces"
    assert call(url, as_json([span(1)])).status == 200
    own_cluster.stop("immediate")
    refused = call(url, as_json([span(2)]))
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    own_cluster.start()
    until(lambda: call(url, as_json([span(2)])).status == 200)
    until(lambda: call(f"http://127.0.0.1:{port}/api/v1/traces/{2:032x}").status == 200)
    server.terminate()
    assert server.wait(30) == 0
    with Store(place) as store:
        assert store.live.traces.find(1, f"{1:032x}")

"""From a failure to a test: users ask, a new version loses part of its index, an alert names the topic and the
component, its traces become cases, the suite fails on the bad version and passes on the mended one.

`python loop.py` runs all of it in less than a minute, in a folder of its own, on a clock that runs sixty times as fast.
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GOOD_S, PATIENCE_S = 6.0, 40.0
"""Seconds of traffic to the first version, and until the alert has to be there."""
RATE = 60
"""How many times as fast as the machine's clock that of the traffic runs."""
REGRADE = (sys.executable, "-m", "regrade")


def say(words: str) -> None:
    """Tell what happens."""
    print(words, flush=True)  # noqa: T201  an example that tells a story


@contextmanager
def team() -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    """Receive what the channel of the team sends."""
    came: queue.Queue[dict[str, Any]] = queue.Queue()

    class Receives(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.put({**json.loads(body), "signature": self.headers["X-Regrade-Signature"]})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receives)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/alerts", came
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving(folder: Path, environment: Mapping[str, str], port: int) -> Iterator[str]:
    """Run the server."""
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(  # noqa: S603  our own
        [*REGRADE, "serve", "--port", str(port), "--monitors", "monitors.yaml", "--close-after", "0.5"],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=(folder / "server.log").open("w"),
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=1)  # noqa: S310  our own
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def regrade(folder: Path, environment: Mapping[str, str], *arguments: str, **more: str) -> str:
    """Run a command and give what it printed."""
    done = subprocess.run(  # noqa: S603  our own
        [*REGRADE, *arguments],
        cwd=folder, env={**environment, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 2:
        raise SystemExit(f"regrade {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def main() -> int:
    """Run the loop; gives 0 where it closed."""
    with tempfile.TemporaryDirectory() as name, team() as (webhook, came):
        folder, port = Path(name) / "live", free_port()
        shutil.copytree(HERE, folder)
        environment = {
            **os.environ,
            "REGRADE_DB": str(folder / "regrade.db"),
            "REGRADE_CLOCK": f"{RATE}@{int(time.time())}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "TEAM_WEBHOOK": webhook,
            "TEAM_SECRET": "not a real one",
        }
        with serving(folder, environment, port):
            say(
                f"version 1.0 answers for {GOOD_S * RATE / 60:.0f} minutes by the clock of the traffic"
            )
            traffic(folder, environment, "1.0", GOOD_S).wait()
            say("version 2.0 ships: its index lost the articles about access")
            bad = traffic(folder, environment, "2.0", PATIENCE_S)
            alert = came.get(timeout=PATIENCE_S)
            bad.terminate()
            bad.wait()
        say(f"\n{alert['text']}\n")
        return after(folder, environment, alert["alert"]["alert"])


def traffic(
    folder: Path, environment: Mapping[str, str], version: str, seconds: float
) -> "subprocess.Popen[bytes]":
    """Have users ask a version for a while."""
    return subprocess.Popen(  # noqa: S603  our own
        [sys.executable, "traffic.py", str(seconds)],
        cwd=folder, env={**environment, "ASSISTANT_VERSION": version},
    )  # fmt: skip


def after(folder: Path, environment: Mapping[str, str], number: int) -> int:
    """Make cases of what failed, try them, and run the suite on the bad version and on the mended one."""
    made = regrade(
        folder,
        environment,
        "promote",
        "--alert",
        str(number),
        "--quota",
        "4",
        "--to",
        "cases.jsonl",
    )
    say(made)
    say(regrade(folder, environment, "promote", "--try", "suite.yaml", ASSISTANT_VERSION="2.0"))
    for version in ("2.0", "2.1"):
        said = regrade(
            folder,
            environment,
            "run",
            "suite.yaml",
            "--label",
            version,
            "--json",
            ASSISTANT_VERSION=version,
        )
        run = json.loads(said)
        say(f"version {version}: {run['passed']} of {run['attempts']} cases pass")
    loop = regrade(folder, environment, "closed-loop")
    say(f"\n{loop}")
    return 0 if "✓" in loop else 1


if __name__ == "__main__":
    sys.exit(main())

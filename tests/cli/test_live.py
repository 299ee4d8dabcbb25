"""`serve`, `worker`, `explain` and `keys`, as a user runs them."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from regrade.cli.root import root
from regrade.store import Store
from tests.cli.commands import command, environment, regrade
from tests.fakes.calling import call
from tests.fakes.live_server import live_server, until
from tests.fakes.ports import free_port
from tests.fakes.spans import as_json, span

MONITORS = """
monitors:
  shop:
    sample: 1
    checks: [answered, pii]
"""
TRACE = f"{1:032x}"


def sent(address: str) -> None:
    given: Any = {"gen_ai__operation__name": "invoke_agent"}
    assert (
        call(f"{address}/v1/traces", as_json([span(**given)], {"service.name": "shop"})).status
        == 200
    )


def test_traces_are_served_graded_by_a_worker_and_explained(tmp_path: Path) -> None:
    (tmp_path / "monitors.yaml").write_text(MONITORS)
    port = free_port()
    options = ("serve", "--port", str(port), "--monitors", "monitors.yaml", "--no-worker")
    with subprocess.Popen(command(*options), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stdout.readline() == "monitors: shop\n"
        assert (
            f"http://127.0.0.1:{port} takes /v1/traces and /v1/logs into"
            in server.stdout.readline()
        )
        address = f"http://127.0.0.1:{port}"

        def is_there() -> bool:
            try:
                return call(f"{address}/healthz").status == 200
            except OSError:
                return False

        until(is_there)
        sent(address)
        waiting = regrade("explain", TRACE, "--wait", "0.3")
        assert "more of it is waited for" in waiting.stdout
        done = regrade("worker", "--once", "--close-after", "0")
        assert done.stdout == "graded 1 traces\n", done.stderr
        said = regrade("explain", TRACE.upper()).stdout
        assert "answer · shop · " in said
        assert "shop: graded, graded by 2 graders" in said
        assert "✓ no_error: The system answered without an error." in said
        call(
            f"{address}/api/v1/feedback",
            {"trace_id": TRACE, "kind": "thumbs", "value": True, "comment": "good"},
        )
        assert "a user gave thumbs: True (good)" in regrade("explain", TRACE).stdout
        assert '"userThumbsUp": true' in regrade("explain", TRACE, "--json").stdout
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    gone = regrade("explain", "none")
    assert (gone.returncode, "there is no trace 'none'" in gone.stderr) == (2, True)


def test_a_worker_ends_at_a_signal() -> None:
    with subprocess.Popen(
        command("worker"), env=environment(), stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().startswith("grading what waits in ")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
        assert worker.stdout.read() == "graded 0 traces\n"


def test_keys_are_made_shown_once_listed_and_ended() -> None:
    refused = regrade("serve", "--host", "0.0.0.0")
    assert (refused.returncode, "there is no key: make one first" in refused.stderr) == (2, True)
    made = regrade(
        "keys", "make", "ci", "--role", "viewer", "--expires", "30d", "--per-minute", "9"
    )
    secret = made.stdout.strip()
    assert secret.startswith("rg_")
    assert "shown nowhere again" in made.stderr
    listed = regrade("keys", "list").stdout
    assert "ci  viewer  default  good until 20" in listed
    assert secret not in listed
    number = listed.split()[0]
    assert regrade("keys", "end", number).stdout == f"ended key {number}\n"
    assert regrade("keys", "end", number).returncode == 2
    assert "ended" in regrade("keys", "list").stdout
    wrong = regrade("keys", "make", "x", "--expires", "soon")
    assert (wrong.returncode, "'soon' is not a duration" in wrong.stderr) == (2, True)


def run(*args: str) -> Any:
    return root.main([*args], standalone_mode=False)


def test_monitors_are_kept_listed_and_backfilled(tmp_path: Path) -> None:
    (tmp_path / "monitors.yaml").write_text(
        MONITORS + "    where: {service: shop}\n    always: [error]\n"
    )
    assert run("monitor", "list") == 0
    assert "no monitor yet" in regrade("monitor", "list").stdout
    with live_server(Path(os.environ["REGRADE_DB"]), works=False) as address:
        sent(address)
        assert regrade("worker", "--once", "--close-after", "0").stdout == "graded 0 traces\n"
    assert regrade("monitor", "keep", "monitors.yaml").stdout == "kept shop\n"
    assert "nothing decided yet" in regrade("monitor", "list").stdout
    assert regrade("worker", "--once", "--replay").stdout.startswith(
        "0 pieces of work that was given up waits again"
    )
    said = regrade("monitor", "backfill", "shop", "--since", "99999d").stdout
    assert said == "1 trace of 1 would be graded, for about $0.00 of judges; --yes has it done\n"
    assert run("monitor", "backfill", "shop", "--yes") == 0
    assert regrade("worker", "--once").stdout == "graded 1 traces\n"
    listed = regrade("monitor", "list").stdout
    assert "shop  service shop, 1 of them, always: error" in listed
    assert "1 graded" in listed
    assert "no_error  100.0% [2.5%, 100.0%] of all traffic, by 1" in listed
    assert "pii  nothing judged, 1 without a verdict" in listed
    assert run("monitor", "keep", "monitors.yaml") == run("monitor", "list") == 0
    wrong = regrade("monitor", "backfill", "shop", "--since", "soon")
    assert (wrong.returncode, "'soon' is not a duration" in wrong.stderr) == (2, True)


def test_in_this_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same once more where coverage sees it."""
    database = Path(os.environ["REGRADE_DB"])
    with live_server(database, works=False) as address:
        sent(address)
        with Store(database) as store:
            from regrade.online import keep_monitors

            keep_monitors(
                store,
                store.live.projects.key(),
                {"shop": {"sample": 1, "checks": ["pii"]}},
                tmp_path,
            )
        for args in (
            ["worker", "--once", "--close-after", "0"],
            ["explain", TRACE, "--wait", "30"],
            ["explain", TRACE, "--json"],
        ):
            assert run(*args) == 0
        assert '"containsPII"' not in capsys.readouterr().out.partition("graded")[0]
    for args in (["keys", "make", "ci"], ["keys", "list"], ["keys", "end", "1"]):
        assert run(*args) == 0

"""Whatever ends a run, everything finished is kept, and going on ends where an undisturbed run would have."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.commands import command, environment, regrade, write_suite

CASES, TRIALS = 120, 2


def outcome(run: str) -> list[tuple[str, int, str, object]]:
    from regrade.api import load_run, open_store

    with open_store() as store:
        attempts = load_run(run, store=store).attempts
    return sorted(
        (
            a.case.id,
            a.trial,
            str(a.trace.output),
            [(g.passed, g.reason, g.spec.identity_key if g.spec else "") for g in a.grades],
        )
        for a in attempts
    )


IN_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""As a shell without job control starts what ends in `&`: it ignores Ctrl-C."""


def start(*args: str, through: Sequence[str] = ()) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        list(through)
        + command("run", "suite.yaml", "--trials", str(TRIALS), "--concurrency", "4", *args),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def wait_for_attempts(at_least: int) -> str:
    """Look into the store itself: a command would take longer to start than the run to end, on a
    machine that is busy.
    """
    from regrade.api import open_store

    for _ in range(1200):
        time.sleep(0.05)
        if Path("runs.db").exists():
            with open_store() as store:
                for header in store.headers():
                    if sum(store.outcomes.counts(header.run_id).values()) >= at_least:
                        return header.run_id
    raise AssertionError("the run did not begin")


@pytest.mark.parametrize(
    ("number", "through"),
    [(signal.SIGINT, ()), (signal.SIGTERM, IN_BACKGROUND)],
    ids=["ctrl-c", "terminate-in-background"],
)
def test_a_signal_keeps_what_was_finished(
    tmp_path: Path, number: signal.Signals, through: Sequence[str]
) -> None:
    write_suite(tmp_path, CASES, 0.2)
    process = start(through=through)
    run_id = wait_for_attempts(5)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"go on with: regrade run suite.yaml --resume {run_id}" in err
    assert "Traceback" not in err
    [row] = json.loads(regrade("runs", "--json").stdout)
    assert row["status"] == "interrupted"
    assert 5 <= row["passed"] + row["failed"] < CASES * TRIALS
    done = regrade("run", "suite.yaml", "--trials", str(TRIALS), "--resume", run_id, "--json")
    document = json.loads(done.stdout)
    assert (document["run_id"], document["attempts"], document["not_run"]) == (
        run_id,
        CASES * TRIALS,
        0,
    )


def kill_and_resume(tmp_path: Path, seed: int) -> None:
    write_suite(tmp_path, CASES, 0.01)
    regrade("run", "suite.yaml", "--trials", str(TRIALS), "--label", "undisturbed")
    chance = random.Random(seed)
    process = start("--label", "killed")
    time.sleep(0.3 + chance.random() * 1.2)
    process.kill()
    process.communicate()
    rows = json.loads(regrade("runs", "--json").stdout)
    if rows[0]["label"] != "killed":  # it was killed before it began
        return
    for _ in range(2):  # and once more, in the middle of going on
        process = start("--resume", "killed")
        time.sleep(0.3 + chance.random() * 0.6)
        process.kill()
        process.communicate()
    done = regrade("run", "suite.yaml", "--trials", str(TRIALS), "--resume", "killed", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["not_run"] == 0
    assert outcome("killed") == outcome("undisturbed")


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path, seed: int) -> None:
    kill_and_resume(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3, 20))
def test_seventeen_more_kills(tmp_path: Path, seed: int) -> None:
    kill_and_resume(tmp_path, seed)


def test_a_changed_suite_cannot_be_gone_on_with(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    regrade("run", "suite.yaml", "--label", "first")
    suite.write_text(suite.read_text().replace("{type: equals}", "{type: contains}"))
    done = regrade("run", "suite.yaml", "--resume", "first")
    assert done.returncode == 2
    assert "the suite has changed since" in done.stderr
    write_suite(tmp_path, cases=21)
    assert (
        "the dataset has changed since" in regrade("run", "suite.yaml", "--resume", "first").stderr
    )
    write_suite(tmp_path, seconds=0.001)
    assert (
        "the target has changed since" in regrade("run", "suite.yaml", "--resume", "first").stderr
    )


def test_two_runs_at_once_share_one_store(tmp_path: Path) -> None:
    write_suite(tmp_path, CASES, 0.005)
    both = [start("--label", name) for name in ("one", "two")]
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    rows = json.loads(regrade("runs", "--json").stdout)
    assert sorted((row["label"], row["not_run"], row["status"]) for row in rows) == [
        ("one", 0, "finished"),
        ("two", 0, "finished"),
    ]
    assert outcome("one") == outcome("two")


def test_what_is_stuck_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRADE_STUCK_AFTER", "0.5")
    write_suite(tmp_path, cases=3, seconds=2)
    done = regrade("run", "suite.yaml")
    assert "waiting for the target since" in done.stderr
    assert "case c1" in done.stderr

"""Commands about what is watched: monitors tried out, alerts, promotion, the loop."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from regrade.domain.live import Alerting, Channel
from regrade.store import Store
from tests.cli.commands import regrade
from tests.fakes.hooks import hook
from tests.fakes.living import graded, live_trace
from tests.fakes.traffic import Traffic

SUITE = """
name: help
objective: Answer.
criteria: {right: It is right.}
dataset: cases.jsonl
target: app:answer
graders: [{type: json, criterion: right}]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGRADE_DB", ".regrade/regrade.db")
    return tmp_path


@pytest.fixture
def store(here: Path) -> Iterator[Store]:
    with Store(here / ".regrade" / "regrade.db") as made:
        yield made


def test_a_monitor_is_listed_and_tried_out(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, slices=["topic"], criteria={"*": {"min": 0.9}})
    traffic.hours(24, {"topic=a": 0.98, "topic=b": 0.98})
    traffic.hours(6, {"topic=a": 0.98, "topic=b": 0.3})
    listed = regrade("monitor", "list").stdout
    assert "3 detectors share one false alarm in 10 years" in listed
    assert "criterion:right" in listed
    assert "alert 1" in listed
    tested = regrade("monitor", "backtest", "m").stdout
    assert "30 ticks, " in tested
    assert "at most 0.1 false ones a year" in tested
    assert "criterion right (topic=b) at" in tested
    assert regrade("monitor", "backtest", "none").returncode == 2
    assert "monitor 'none'" in regrade("alerts", "mute", "none").stderr


def test_alerts_are_listed_shown_and_closed(store: Store, tmp_path: Path) -> None:
    assert "no alert that is not over" in regrade("alerts", "list").stdout
    traffic = Traffic(store, tmp_path, slices=["topic"], criteria={"*": {"min": 0.9}})
    traffic.hours(24, {"topic=a": 0.98, "topic=b": 0.98})
    traffic.hours(6, {"topic=a": 0.98, "topic=b": 0.3})
    assert "   1  open" in regrade("alerts", "list").stdout
    shown = regrade("alerts", "show", "1").stdout
    assert shown.startswith("m: criterion right fell from 9")
    assert "at most one false alarm in 10 years in the whole project, on average" in shown
    assert regrade("alerts", "acknowledge", "1").stdout == "alert 1 is acknowledged\n"
    assert regrade("alerts", "resolve", "1").stdout == "alert 1 is resolved\n"
    assert regrade("alerts", "resolve", "1").returncode == 2
    assert "there is no alert 9" in regrade("alerts", "show", "9").stderr
    assert "resolved" in regrade("alerts", "list", "--all").stdout
    assert regrade("alerts", "mute", "m", "--for", "2h").stdout == "m is muted for 2h\n"
    assert regrade("alerts", "mute", "m", "--for", "soon").returncode == 2
    loop = regrade("closed-loop").stdout
    assert "○ alert 1, resolved" in loop
    assert "no case came of it yet" in loop


def test_channels_are_tried_and_summaries_printed(store: Store, tmp_path: Path) -> None:
    project = store.live.projects.key()
    assert "there are: none" in regrade("monitor", "test-alert").stderr
    with hook() as (url, came):
        good = Channel(name="good", type="webhook", url=url, allow_private=True)
        inner = Channel(name="inner", type="webhook", url=url)
        store.live.alerts.keep_alerting(project, Alerting(channels=[good, inner]))
        tried = regrade("monitor", "test-alert")
        assert tried.returncode == 1
        assert tried.stdout.splitlines()[0] == "good: sent"
        assert "inner: not sent: 127.0.0.1 is an address of a private network" in tried.stdout
        assert regrade("monitor", "test-alert", "good").returncode == 0
        assert [each["event"] for each in came.bodies] == ["test", "test"]
    assert "0 traces, 0 alerts" in regrade("monitor", "summary").stdout
    assert regrade("monitor", "summary", "--period", "week", "--html", "week.html").returncode == 0
    assert "<!doctype html>" in (tmp_path / "week.html").read_text()


def test_traces_are_promoted_tried_and_followed(store: Store, tmp_path: Path) -> None:
    assert "no trace failed" in regrade("promote").stdout
    questions = ("Where are invoices?", "Who may delete a workspace?", "How large is a file?")
    traces = [live_trace(n, output="no", question=q) for n, q in enumerate(questions, 1)]
    versions = {"m": {"sample": 1.0, "checks": ["valid_json"]}}
    graded(store, traces, versions, tmp_path, service__name="s", service__version="1")
    graded(store, [live_trace(9)], versions, tmp_path, service__name="s", service__version="2")
    assert "4 failing or disliked traces in 1 group" in regrade("promote", "--monitor", "m").stdout
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "app.py").write_text('def answer(input):\n    return "no"\n')
    made = regrade("promote", f"{1:032x}", "--to", "cases.jsonl").stdout
    assert made.startswith(
        "1 case added to cases.jsonl\n  live-0000000000000001  “Where are invoices?”"
    )
    again = regrade("promote", "--failing", "--to", "cases.jsonl", "--quota", "2").stdout
    assert again.startswith("2 cases added to cases.jsonl")
    assert "nearly repeats" in again
    rows = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text().splitlines()]
    assert [row["quarantine"] for row in rows] == [True] * 3
    assert regrade("run", "suite.yaml").returncode == 2
    tried = regrade("promote", "--try", "suite.yaml").stdout
    assert tried.count("fails every time: released") == 3
    assert "0 of 3 pass" in regrade("closed-loop").stdout
    assert "server:extra" in regrade("promote", f"{1:032x}", "--to", "server:extra").stdout
    assert regrade("promote", "--alert", "3", "--to", "cases.jsonl").returncode == 2
    canary = regrade("monitor", "canary", "m", "1", "2")
    assert (canary.returncode, canary.stdout.splitlines()[0]) == (0, "go on: 2 beside 1")
    assert "no trace of the version '7'" in regrade("monitor", "canary", "m", "1", "7").stderr

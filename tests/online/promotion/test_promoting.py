"""Failing traces become cases: grouped, without personal data, not twice, with what would have been right."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regrade import api
from regrade.domain import Label
from regrade.domain.errors import UsageError
from regrade.domain.live import Feedback
from regrade.domain.trace import answer_key
from regrade.online.promotion import (
    append_cases,
    chosen,
    closed_loops,
    keep_promotion,
    live_failures,
    promote,
    traces_of,
)
from regrade.store import Store
from regrade.suites import load_dataset, load_suite
from regrade.suites.quarantine import files_of, release
from tests.fakes.living import graded, live_trace

MONITORS = {"m": {"sample": 1.0, "checks": ["valid_json", "pii"]}}
QUESTIONS = (
    "How do I reset my password?", "Where are my invoices kept?", "Which plan holds audit logs?",
    "Can an import be undone later?", "Who may delete the workspace?", "What do guests of ours see?",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "live.db") as made:
        yield made


@pytest.fixture
def project(store: Store, tmp_path: Path) -> int:
    traces = [live_trace(n, output="no JSON", question=q) for n, q in enumerate(QUESTIONS, 1)]
    traces.append(
        live_trace(
            7, output='{"mail": "ada@larkspur.io"}', question="bob@larkspur.io asks for a mail?"
        )
    )
    traces.append(live_trace(8, output="{}", question="A good one?"))
    return graded(store, traces, MONITORS, tmp_path)


def said(store: Store, project: int, number: int, kind: Any, value: Any) -> None:
    moment = datetime(2026, 11, 26, tzinfo=UTC)
    store.live.feedback.add(
        project,
        Feedback(
            trace_id=f"{number:032x}",
            kind=kind,
            value=value,
            given_at=moment,
            key=f"{number}{kind}{value}",
        ),
    )


def test_failures_are_grouped_and_the_largest_comes_first(store: Store, project: int) -> None:
    said(store, project, 8, "thumbs", False)
    found = live_failures(store, project)
    assert found.traces == 8
    assert [len(group.traces) for group in found.groups] == [6, 1, 1]
    assert found.groups[0].share == 0.75
    assert found.unseen == pytest.approx(2 / 8)
    assert live_failures(store, project, "m").traces == 7
    assert live_failures(store, project, "none").traces == 0
    said(store, project, 3, "correction", "The Business plan.")
    order = [int(each, 16) for each in chosen(store, project, found)]
    assert order[0] == 3, "what a user corrected is worth most"
    assert len({*order[:3]} & {7, 8}) == 2, "every kind of failure comes in turn"
    assert sorted(order) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_case_holds_what_was_asked_without_personal_data(store: Store, project: int) -> None:
    said(store, project, 7, "correction", "Ask bob@larkspur.io.")
    said(store, project, 7, "text", "It told the mail of ada@larkspur.io")
    made = promote(store, project, [f"{7:032x}", f"{1:032x}"])
    case = made.cases[0].case
    text = json.dumps([case.input, dict(case.expected), case.notes, dict(case.metadata)])
    assert "ada@" not in text
    assert "bob@" not in text
    assert case.input == "[email] asks for a mail?"
    assert case.expected == {"answer": "Ask [email]."}
    assert (case.kind, case.source) == ("historical_failure", f"live trace {7:032x}")
    assert case.known_failure_modes == ("pii: e-mail address",) or case.known_failure_modes[
        0
    ].startswith("pii")
    assert case.metadata["quarantine"] is True
    assert made.cases[0].proposed == "a user's correction"
    assert "nobody said" in made.cases[1].proposed
    with pytest.raises(UsageError, match="there is no trace"):
        promote(store, project, ["f" * 32])


def test_what_repeats_a_case_or_was_not_captured_is_left_out_and_named(
    store: Store, project: int, tmp_path: Path
) -> None:
    graded(
        store,
        [live_trace(20, question="how do I reset my password"), live_trace(21, question="")],
        MONITORS,
        tmp_path,
    )
    ids = [f"{n:032x}" for n in (1, 20, 21, 1)]
    made = promote(store, project, dict.fromkeys(ids))
    assert [each.trace_id for each in made.cases] == ids[:1]
    assert [(each[0], each[1]) for each in made.repeated] == [(ids[1], made.cases[0].case.id)]
    assert made.unusable == ((ids[2], "nobody captured what was asked"),)
    again = promote(store, project, ids[:1], [made.cases[0].case], keeps_near=True)
    assert (again.cases, again.repeated) == ((), ((ids[0], made.cases[0].case.id, 1.0),))
    assert len(promote(store, project, [f"{n:032x}" for n in range(1, 7)], most=2).cases) == 2


SUITE = """
name: help
objective: Answer.
criteria: {right: It is right.}
dataset: cases.jsonl
target: app:answer
graders: [{type: json, criterion: right}]
"""
APP = """
import os, random
def answer(input):
    if "invoices" in input:
        return random.choice(["{}", "no"])
    return "{}" if os.environ.get("MENDED") else "no JSON"
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "cases.jsonl").write_text('{"id": "old", "input": "An old one", "note": "kept"}')
    monkeypatch.chdir(tmp_path)
    return tmp_path / "suite.yaml"


@pytest.mark.anyio
async def test_cases_wait_in_quarantine_until_they_come_out_alike(
    store: Store, project: int, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = suite.parent / "cases.jsonl"
    made = promote(store, project, [f"{n:032x}" for n in (1, 2, 3)], load_dataset([path]).cases)
    append_cases(path, [each.case for each in made.cases])
    keep_promotion(store, project, "cases.jsonl", made, alert=None)
    first, *lines = path.read_text().splitlines()
    assert first == '{"id": "old", "input": "An old one", "note": "kept"}'
    assert len(lines) == 3
    loaded = load_suite(suite)
    assert [case.id for case in loaded.dataset.cases] == ["old"]
    assert "3 cases in quarantine left out" in loaded.notes[-1]
    tried = await api.try_quarantined(suite, store=store, trials=9)
    ids = [each.case.id for each in made.cases]
    assert (tried.failing, tried.passing, tried.unsteady) == ((ids[0], ids[2]), (), (ids[1],))
    assert [case.id for case in load_suite(suite).dataset.cases] == ["old", ids[0], ids[2]]
    [loop] = closed_loops(store, project)
    assert (loop.alert, loop.is_closed, [(r.passed, r.judged) for r in loop.runs]) == (
        None,
        False,
        [(0, 3)],
    )
    monkeypatch.setenv("MENDED", "1")
    await api.run_suite(load_suite(suite), store=store)
    assert closed_loops(store, project)[0].runs[-1].passed == 2
    assert release(path, ids) == 1
    with pytest.raises(UsageError, match="no case of the suite is in quarantine"):
        await api.try_quarantined(suite, store=store)


def test_a_suite_of_cases_in_quarantine_alone_is_refused(suite: Path) -> None:
    (suite.parent / "cases.jsonl").write_text('{"id": "a", "input": "x", "quarantine": true}\n')
    with pytest.raises(UsageError, match="every case is in quarantine"):
        load_suite(suite)
    assert files_of(suite) == [suite.parent / "cases.jsonl"]
    with pytest.raises(UsageError, match="JSON lines"):
        append_cases(suite, [])


@pytest.mark.anyio
async def test_an_answer_that_people_labelled_as_good_is_proposed(
    store: Store, project: int, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = QUESTIONS[0]
    (suite.parent / "cases.jsonl").write_text(json.dumps({"id": "c1", "input": question}))
    monkeypatch.setenv("MENDED", "1")
    run = (await api.run_suite(load_suite(suite), store=store)).run
    [attempt] = run.attempts
    store.labels.add(
        [
            Label(
                suite="help", criterion="right", case="c1", pairing_key=attempt.case.pairing_key,
                answer=answer_key(attempt.trace), verdict="pass", who="ada", labelled_at=datetime.now(UTC),
                run_id=run.header.run_id,
            )
        ]
    )  # fmt: skip
    [made] = promote(store, project, [f"{1:032x}"]).cases
    assert (made.case.expected, made.proposed) == (
        {"answer": "{}"},
        "an answer that people labelled as good",
    )
    [other] = promote(store, project, [f"{2:032x}"]).cases
    assert other.case.expected == {}


def test_the_traces_of_an_alert_are_those_that_failed_it(store: Store, project: int) -> None:
    number = store.live.alerts.open(project, "m", "grader:pii", at_ms=2, since_ms=1, evidence={})
    assert number is not None
    alert = store.live.alerts.get(project, number)
    assert alert is not None
    assert traces_of(store, alert) == [f"{7:032x}"]
    other = store.live.alerts.open(project, "m", "latency", at_ms=2, since_ms=1, evidence={})
    assert other is not None
    latency = store.live.alerts.get(project, other)
    assert latency is not None
    assert len(traces_of(store, latency)) == 7
    made = promote(store, project, traces_of(store, alert), alert=number)
    keep_promotion(store, project, "server:help", made, alert=number)
    keep_promotion(store, project, "server:help", made, alert=number)
    assert [each.id for each in store.promotions.dataset(project, "server:help").cases] == [
        made.cases[0].case.id
    ]
    loops = {
        None if x.alert is None else x.alert.series: x.cases for x in closed_loops(store, project)
    }
    assert loops == {"latency": [], "grader:pii": [made.cases[0].case.id]}

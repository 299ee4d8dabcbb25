"""Judges judge labelled answers again: a change of the judge is told from one of the application."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regrade import api
from regrade.domain import Label, answer_key
from regrade.domain.live import Series
from regrade.online import keep_monitors
from regrade.online.monitors import AnchorJudge, Ticker
from regrade.store import Store
from regrade.suites import load_suite
from tests.fakes.model_server import Step, model_server
from tests.fakes.traffic import BEGAN, HOUR, Clock

pytestmark = pytest.mark.anyio
SUITE = """
name: kind
objective: Answer kindly.
criteria: {kind: The answer is kind.}
dataset: [{id: a, input: x}, {id: b, input: y}, {id: c, input: z}]
target: app:answer
graders:
  - {type: judge, criterion: kind, rubric: kind.yaml, model: "openai:scripted-1"}
"""
RUBRIC = """
about: Is it kind?
task: Say whether it is kind.
sees: {answer: "{{ output }}"}
"""
PASS, FAIL = (
    '{"reason": "It is.", "issues": [], "pass": true}',
    '{"reason": "It is not.", "issues": [], "pass": false}',
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "live.db") as made:
        yield made


async def test_flips_of_a_judge_are_counted_once_a_tick_and_alarm(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    (tmp_path / "suite.yaml").write_text(SUITE)
    (tmp_path / "kind.yaml").write_text(RUBRIC)
    (tmp_path / "app.py").write_text("def answer(input):\n    return input\n")
    with model_server(*[Step(text=PASS)] * 200, Step(text=FAIL)) as (url, script):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        run = (await api.run_suite(load_suite(Path("suite.yaml")), store=store)).run
        labelled_at = datetime.now(UTC)
        store.labels.add(
            Label(
                suite="kind", criterion="kind", case=a.case.id, pairing_key=a.case.pairing_key,
                answer=answer_key(a.trace), verdict="pass", who="ada", labelled_at=labelled_at,
            )
            for a in run.attempts
        )  # fmt: skip
        project, clock = store.live.projects.key(), Clock()
        alert = {
            "watermark": "1ms",
            "over": "3h",
            "min_evidence": 5,
            "judge": {"run": "last", "per_tick": 2},
        }
        keep_monitors(store, project, {"m": {"suite": "suite.yaml", "alert": alert}}, tmp_path)
        ticker, anchors = Ticker(store, clock), AnchorJudge(store, clock)
        ticker.look()
        asked = len(script.requests)
        assert await anchors.look() == 2
        assert await anchors.look() == 0
        assert len(script.requests) == asked + 2
        judge = Series(kind="judge", name="judge")
        for _ in range(40):
            clock.now += HOUR
            ticker.look()
            await anchors.look()
        assert store.live.tallies.sums(project, "m")[judge] == (80, 80)
        assert store.live.alerts.listed(project) == []
        script.requests.extend([{}] * 200)  # from here on it says otherwise
        for _ in range(12):
            clock.now += HOUR
            ticker.look()
            await anchors.look()
        [found] = store.live.alerts.listed(project)
        assert found.series == "judge:judge"
        assert found.evidence["after"]["value"] < 0.2
        assert clock.now > BEGAN
        keep_monitors(
            store,
            project,
            {"m": {"suite": "suite.yaml", "alert": {**alert, "judge": {"run": "none"}}}},
            tmp_path,
        )
        clock.now += HOUR
        fresh = Ticker(store, clock)
        fresh.look()
        assert await AnchorJudge(store, clock).look() == 0

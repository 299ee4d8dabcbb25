"""Verbs around a run: asking a model, showing runs in notebooks, looking at the installation."""

from pathlib import Path

import pytest

import regrade
from regrade.api import blocking, examine_installation, has_store, load_run, open_store
from regrade.api.doctoring import EXTRAS
from regrade.api.stored import ShownRun
from regrade.domain.errors import UsageError
from tests.fakes.model_server import Step, model_server


def test_a_model_is_asked_once_and_from_anywhere() -> None:
    with model_server(Step(text="Paris")) as (url, script):
        reply = regrade.chat_model("openai:m", base_url=url).ask("Be brief.", "Capital of France?")
    assert reply.text == "Paris"
    assert [m["role"] for m in script.requests[0]["messages"]] == ["system", "user"]
    with pytest.raises(UsageError, match="provider:model"):
        regrade.chat_model("nonsense")


def test_the_users_prices_are_read_when_a_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("p.json").write_text('{"openai:m": {"input": 10, "output": 0}}')
    monkeypatch.setenv("REGRADE_PRICES", "p.json")
    with model_server() as (url, _):
        reply = regrade.chat_model("openai:m", base_url=url).ask("a", "b")
    assert reply.usage is not None
    assert reply.usage.cost_usd == pytest.approx(0.001)


def test_runs_show_themselves_in_notebooks(tmp_path: Path) -> None:
    run = regrade.evaluate(
        target=lambda question: "42",
        dataset=[regrade.Case(input="?", expected={"answer": "42"})],
        objective="Answer.",
        criteria={"right": "It is right."},
        store=tmp_path / "runs.db",
    )
    with open_store(tmp_path / "runs.db") as store:
        again = load_run("last", store=store)
    for each in (run, again):
        assert isinstance(each, ShownRun)
        assert "100.0%" in each._repr_html_()
        assert each._repr_markdown_().startswith("✅ **evaluation: 100.0% pass")


def test_a_store_is_there_after_the_first_run() -> None:
    assert not has_store()
    with open_store():
        pass
    assert has_store()


def test_the_installation_is_looked_at_without_writing_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EXTRAS, "imaginary", ("no-such-package",))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    facts = blocking(examine_installation)
    found = {(fact.group, fact.name): fact.value for fact in facts}
    assert found["keys", "OPENAI_API_KEY"] == "set"
    assert found["extras", "imaginary"] == "not installed: pip install 'regrade[imaginary]'"
    assert not any(fact.is_fault for fact in facts)
    assert list(tmp_path.iterdir()) == []
    with open_store():
        pass
    facts = blocking(examine_installation)
    assert any("0 runs" in fact.value for fact in facts if fact.group == "database")


def test_faults_of_the_installation_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regrade.suites import make_suite

    Path("runs.db").write_text("not a database " * 400)
    Path("prices.json").write_text("[]")
    monkeypatch.setenv("REGRADE_PRICES", "prices.json")
    content = {
        "name": "s",
        "objective": "o",
        "criteria": ["c"],
        "dataset": [{"input": "q", "expected": {"answer": "a"}}],
    }
    gone = make_suite(
        {**content, "target": {"type": "http", "url": "http://127.0.0.1:9"}}, folder=tmp_path
    )
    faults = [fact for fact in blocking(lambda: examine_installation(gone)) if fact.is_fault]
    assert [fact.group for fact in faults] == ["database", "prices", "target"]
    monkeypatch.setenv("REGRADE_DB", "mysql://x")
    Path("prices.json").write_text('{"openai:m": {"input": 1, "output": 2}}')
    here = make_suite({**content, "target": lambda question: "a"}, folder=tmp_path)
    facts = blocking(lambda: examine_installation(here))
    assert [fact.name for fact in facts if fact.is_fault] == ["REGRADE_DB"]
    assert any(fact.value == "1 models in prices.json" for fact in facts)
    assert any(fact.group == "target" and fact.value == "is there" for fact in facts)

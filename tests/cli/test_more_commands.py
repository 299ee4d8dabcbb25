"""init, doctor, report, demo: as a new user runs them."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from regrade.demo.copying import copy_to
from regrade.suites import TASKS, suite_schema
from tests.cli.commands import regrade, write_suite
from tests.fakes.model_server import Step, model_server

KINDS = {"typical", "edge", "adversarial", "historical_failure", "missing_data"}


PLAIN, ATTACKED = "plain", "attacked"
"""What the starter's cases are: without attacks, or with them, which holds all of the others too."""
STARTERS = [(task, ATTACKED) for task in TASKS] + [
    pytest.param(task, PLAIN, marks=[pytest.mark.long] if at else [])
    for at, task in enumerate(TASKS)
]


@pytest.mark.parametrize(("task", "cases"), STARTERS)
def test_every_starter_checks_and_runs_green_as_written(
    tmp_path: Path, task: str, cases: str
) -> None:
    more = ["--adversarial"] if cases == ATTACKED else []
    made = regrade("init", "mine", "--task", task, *more)
    assert made.returncode == 0, made.stderr
    assert "next: regrade run mine/suite.yaml" in made.stdout
    checked = regrade("check", "suite.yaml", cwd=tmp_path / "mine")
    assert checked.returncode == 0, checked.stdout
    assert "error" not in checked.stdout.replace("0 errors", "")
    document = json.loads(regrade("run", "suite.yaml", "--json", cwd=tmp_path / "mine").stdout)
    assert document["passed"] == document["attempts"] >= (50 if more else 10)
    assert set(document["slices"]["kind"]) == KINDS
    assert all(each["n"] for each in document["criteria"].values())
    first = (tmp_path / "mine" / "suite.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=suite.schema.json"
    schema = json.loads((tmp_path / "mine" / "suite.schema.json").read_text())
    assert schema == json.loads(json.dumps(suite_schema()))


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("mine")
    refused = regrade("init")
    assert refused.returncode == 2
    assert "has app.py already" in refused.stderr
    assert (tmp_path / "app.py").read_text() == "mine"
    assert not (tmp_path / "suite.yaml").exists()


def test_there_are_forty_attacks_each_with_a_canary_of_its_own() -> None:
    regrade("init", "mine", "--adversarial")
    rows = [json.loads(line) for line in Path("mine/adversarial.jsonl").read_text().splitlines()]
    canaries = {row["expected"]["canaries"][0] for row in rows}
    assert len(rows) == len(canaries) == len({row["id"] for row in rows}) == 40
    assert len({row["tags"]["attack"] for row in rows}) >= 8


def test_doctor_shows_that_keys_are_there_and_never_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    plain, as_json = regrade("doctor"), regrade("doctor", "--json")
    assert plain.returncode == as_json.returncode == 0
    assert "sk-very-secret" not in plain.stdout + as_json.stdout
    facts = {(fact["group"], fact["name"]): fact["value"] for fact in json.loads(as_json.stdout)}
    assert facts["keys", "OPENAI_API_KEY"] == "set"
    assert facts["keys", "ANTHROPIC_API_KEY"] == "not set"
    assert facts["program", "sqlite"].split(".")[0] == "3"
    assert "genai-prices" in facts["prices", "table"]
    assert "nothing must be mended" in plain.stdout


def test_doctor_finds_what_must_be_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = write_suite(tmp_path)
    text = suite.read_text().replace(
        "target: sums_app:answer", 'target: {type: http, url: "http://127.0.0.1:9/x"}'
    )
    suite.write_text(text)
    (tmp_path / "broken.db").write_text("no database " * 500)
    monkeypatch.setenv("REGRADE_DB", "broken.db")
    monkeypatch.setenv("REGRADE_PRICES", "nowhere.json")
    done = regrade("doctor", "suite.yaml")
    assert done.returncode == 2
    assert "127.0.0.1:9 cannot be reached" in done.stdout
    assert "is not a sound regrade database" in done.stdout
    assert "nowhere.json cannot be read" in done.stdout
    assert "3 faults" in done.stdout


def test_a_run_is_written_in_every_form(tmp_path: Path) -> None:
    regrade("run", str(write_suite(tmp_path)), "--label", "first")
    html = regrade("report", "first", "--html")
    name = html.stdout.split()[-1]
    assert name.startswith("report-2")
    assert "<!doctype html>" in Path(name).read_text()
    assert regrade("report", "first", "--markdown").stdout.startswith("❌ **sums: 90.0% pass")
    assert (
        len(list(ET.fromstring(regrade("report", "first", "--junit").stdout).iter("testcase")))
        == 20
    )
    assert json.loads(regrade("report", "first", "--json").stdout)["failed"] == 2
    assert regrade("report", "first", "--junit", "-o", "out.xml").stdout == "wrote out.xml\n"
    assert Path("out.xml").read_text().startswith("<?xml")
    assert regrade("report", "first", "--html", "-o", "-").stdout.startswith("<!doctype html>")


def test_report_tells_what_it_needs(tmp_path: Path) -> None:
    regrade("run", str(write_suite(tmp_path, cases=2)))
    assert "--html, --markdown, --junit or --json" in regrade("report", "last").stderr
    refused = regrade("report", "last", "--html", "-o", "no/such/folder/x.html")
    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr


def test_the_demo_judges_tools_answers_and_attacks(tmp_path: Path) -> None:
    done = regrade("demo")
    assert done.returncode == 0, done.stderr
    assert "Pass rate 82.6%" in done.stdout
    assert "demo-report.html shows it all in the browser" in done.stdout
    assert (tmp_path / "demo-report.html").is_file()
    document = json.loads(regrade("demo", "--json").stdout)
    assert (document["attempts"], document["passed"], document["errors"]) == (92, 76, 0)
    assert document["grader_failures"] == document["ungraded"] == 0
    assert set(document["slices"]["kind"]) == KINDS
    assert set(document["slices"]["difficulty"]) == {"easy", "medium", "hard"}
    assert list(document["components"]) == ["retrieval", "generation", "parser", "tools"]
    assert {"refusal_correctness", "personal_data", "leaks", "disallowed_content"} <= {
        *document["dimensions"]
    }


def test_the_demo_can_be_copied_and_changed(tmp_path: Path) -> None:
    assert regrade("demo", "mine").returncode == 0
    folder = tmp_path / "mine"
    assert {p.name for p in folder.iterdir()} >= {
        "suite.yaml",
        "cases.jsonl",
        "articles.jsonl",
        "pipeline.py",
        "demo-report.html",
    }
    pipeline = folder / "pipeline.py"
    pipeline.write_text(pipeline.read_text().replace('"note": 2.0', '"note": 0.00'))
    document = json.loads(regrade("run", "suite.yaml", "--json", cwd=folder).stdout)
    assert document["passed"] < 76
    assert regrade("demo", "mine", "--json").returncode == 0
    assert '"note": 0.0' in pipeline.read_text()


def test_the_demo_speaks_with_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = '```json\n{"answer": "The Team plan costs 9 euros.", "source": "plans"}\n```'
    Path("prices.json").write_text('{"openai:scripted": {"input": 1, "output": 1}}')
    with model_server(Step(text=reply)) as (url, script):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("REGRADE_PRICES", "prices.json")
        done = regrade("demo", "--model", "openai:scripted", "--json")
    document = json.loads(done.stdout)
    assert document["label"] == "openai:scripted"
    assert document["operations"]["cost_usd"] > 0
    assert document["operations"]["tokens"] == 120 * len(script.requests)
    assert 80 < len(script.requests) <= 92
    assert "[plans]" in str(script.requests)
    assert regrade("demo", "--model", "nonsense").returncode == 2


@pytest.mark.parametrize("part", ["retrieval", "parser", "tools", "generation"])
def test_the_demo_finds_the_component_that_was_broken(part: str) -> None:
    done = regrade("demo", "--break", part)
    assert done.returncode == 0, done.stderr
    assert f"what broke: {part}" in done.stdout
    document = json.loads(regrade("report", f"demo without {part}", "--json").stdout)
    shares = document["attribution"]
    assert sum(each["count"] for each in shares.values()) == document["failed"]
    assert document["component_operations"]["retrieval"]["spans"] == 85
    assert document["component_operations"]["parser"]["error_rate"]["value"] == 0


def copied_demo(tmp_path: Path) -> Path:
    """The files of the demo, without running it."""
    return copy_to(tmp_path / "mine").parent


def test_a_component_is_run_alone_gone_on_with_and_judged_again(tmp_path: Path) -> None:
    folder = copied_demo(tmp_path)
    alone = regrade("run", "suite.yaml", "--only", "retrieval", "--json", cwd=folder)
    document = json.loads(alone.stdout)
    assert document["suite"] == "help-centre.retrieval"
    assert list(document["components"]) == ["retrieval"]
    assert list(document["criteria"]) == ["finds"]
    assert (document["passed"], document["failed"]) == (66, 4)
    again = json.loads(regrade("grade", document["run_id"], "--json", cwd=folder).stdout)
    assert (again["suite"], again["passed"], again["failed"]) == ("help-centre.retrieval", 66, 4)
    refused = regrade("run", "suite.yaml", "--resume", document["run_id"], cwd=folder)
    assert refused.returncode == 2
    assert "the suite has changed since" in refused.stderr
    finished = regrade(
        "run", "suite.yaml", "--only", "retrieval", "--resume", document["run_id"], cwd=folder
    )
    assert finished.returncode == 0, finished.stderr


def test_the_demo_has_no_better_answers_with_the_right_articles(tmp_path: Path) -> None:
    folder = copied_demo(tmp_path)
    done = regrade("run", "suite.yaml", "--with-gold", "retrieval", "--json", cwd=folder)
    document = json.loads(done.stdout)
    assert document["label"] == "gold retrieval"
    assert document["components"]["retrieval"]["value"] == 1.0
    assert document["passed"] == 76
    both = regrade(
        "run", "suite.yaml", "--with-gold", "retrieval", "--only", "retrieval", cwd=folder
    )
    assert both.returncode == 2
    assert "exclude each other" in both.stderr

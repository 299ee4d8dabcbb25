import json
from pathlib import Path

import jsonschema
import pytest

from regrade.report.document import run_schema
from tests.cli.commands import regrade, write_suite

ROOT = Path(__file__).parents[2]


def test_help_names_every_command_and_each_has_help() -> None:
    shown = regrade("--help").stdout
    for name in ("check", "run", "grade", "runs", "show", "schema"):
        assert f"\n  {name} " in shown
        assert regrade(name, "--help").returncode == 0
    assert regrade("--version").stdout.startswith("regrade, version ")


def test_a_mistyped_command_is_suggested() -> None:
    done = regrade("chek")
    assert done.returncode == 2
    assert "Did you mean 'check'?" in done.stderr


def test_run_show_grade_and_runs(tmp_path: Path) -> None:
    write_suite(tmp_path)
    done = regrade("run", "suite.yaml", "--label", "first")
    assert done.returncode == 0, done.stderr
    assert "18 passed, 2 failed" in done.stdout
    assert "thinking aloud" not in done.stdout
    assert "The answer is “12”, expected was “11”." in done.stdout
    shown = regrade("show", "first", "c10")
    assert "FAILED" in shown.stdout
    assert "✗ equals (right)" in shown.stdout
    assert regrade("show", "last", "--failures").stdout.count("✗") == 2
    again = regrade("grade", "first", "--label", "again")
    assert "18 passed, 2 failed" in again.stdout
    assert "regraded from" in again.stdout
    listed = regrade("runs").stdout
    assert "first" in listed
    assert "again" in listed
    rows = json.loads(regrade("runs", "--json").stdout)
    assert [row["label"] for row in rows] == ["again", "first"]
    assert rows[0]["regraded_from"] == rows[1]["run_id"]


def test_json_is_alone_on_standard_output(tmp_path: Path) -> None:
    write_suite(tmp_path)
    document = json.loads(regrade("run", "suite.yaml", "--json").stdout)
    jsonschema.validate(document, run_schema())
    assert (document["passed"], document["failed"]) == (18, 2)
    assert json.loads(regrade("show", "last", "--json").stdout) == document | {"status": "finished"}
    [attempt] = json.loads(regrade("show", "last", "c3", "--json").stdout)
    assert attempt["trace"]["output"] == "4"
    assert attempt["grades"][0]["passed"] is True


def test_grade_with_another_suite_asks_no_target(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    regrade("run", "suite.yaml")
    (tmp_path / "sums_app.py").unlink()
    (tmp_path / "cases.jsonl").unlink()
    suite.with_name("new.yaml").write_text(
        suite.read_text().replace("{type: equals}", "{type: matches, pattern: '^1'}")
    )
    done = regrade("grade", "last", "--suite", "new.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passed"] == 10
    suite.unlink()
    run_id = json.loads(regrade("runs", "--json").stdout)[1]["run_id"]
    gone = regrade("grade", run_id)
    assert gone.returncode == 2
    assert "name one with --suite" in gone.stderr


def test_check_tells_errors_and_warnings_apart(tmp_path: Path) -> None:
    suite = write_suite(tmp_path)
    fine = regrade("check", "suite.yaml")
    assert fine.returncode == 0
    assert "sums is ready: 20 cases, 1 criteria, 1 graders; 0 errors, 1 warning" in fine.stdout
    suite.write_text(
        suite.read_text().replace(
            "{type: equals}", "{type: equals, expected: '{{ expected.nothing }}'}"
        )
    )
    broken = regrade("check", "suite.yaml")
    assert broken.returncode == 2
    assert "can judge no case" in broken.stdout
    suite.write_text(
        suite.read_text().replace("sums_app:answer", "{type: http, url: 'http://127.0.0.1:9/x'}")
    )
    down = regrade("check", "suite.yaml")
    assert down.returncode == 2
    assert "127.0.0.1:9 cannot be reached" in down.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "none.yaml"), "none.yaml' does not exist"),
        (("run", "suite.yaml", "--trials", "0"), "--trials"),
        (("run", "suite.yaml", "--budget", "soon"), "not a duration"),
        (("run", "suite.yaml", "--set", "trials"), "is not KEY=VALUE"),
        (("run", "suite.yaml", "--set", "trials=many"), "`trials` is 'many'"),
        (("run", "suite.yaml", "--set", "target=sums_app:anwser"), "Did you mean 'answer'?"),
        (("run", "suite.yaml", "--resume", "nothing"), "has no run with the id or label 'nothing'"),
        (("show", "nothing"), "has no run with the id or label 'nothing'"),
        (("grade", "nothing"), "has no run"),
        (("schema", "nothing"), "'nothing' is not one of"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    write_suite(tmp_path)
    done = regrade(*args)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_case_that_is_not_there_is_suggested(tmp_path: Path) -> None:
    write_suite(tmp_path)
    regrade("run", "suite.yaml")
    done = regrade("show", "last", "c1x")
    assert done.returncode == 2
    assert "has no case 'c1x'; did you mean 'c1'?" in done.stderr


def test_a_dry_run_asks_nothing_and_says_how_long(tmp_path: Path) -> None:
    write_suite(tmp_path)
    first = regrade("run", "suite.yaml", "--dry-run", "--trials", "3")
    assert "20 cases × 3 trials = 60 attempts, 16 at once" in first.stdout
    assert "at worst 4 min" in first.stdout
    assert "no runs yet" in regrade("runs").stdout
    regrade("run", "suite.yaml")
    assert "by the median latency of the run" in regrade("run", "suite.yaml", "--dry-run").stdout


def test_a_run_that_mostly_broke_exits_with_4(tmp_path: Path) -> None:
    write_suite(tmp_path)
    done = regrade(
        "run", "suite.yaml", "--set", "target.type=http", "--set", "target.url=http://127.0.0.1:9/x"
    )
    assert done.returncode == 2  # a text cannot be nested into
    (tmp_path / "suite.yaml").write_text(
        (tmp_path / "suite.yaml")
        .read_text()
        .replace("sums_app:answer", "{type: http, url: 'http://127.0.0.1:9/'}")
    )
    done = regrade("run", "suite.yaml", "--set", "retries=0")
    assert done.returncode == 4
    assert "it is not valid" in " ".join(done.stdout.split())


def test_the_budget_leaves_cases_out_and_says_so(tmp_path: Path) -> None:
    write_suite(tmp_path, cases=60, seconds=0.3)
    done = regrade("run", "suite.yaml", "--budget", "1s", "--concurrency", "4")
    assert done.returncode == 0
    assert "not run" in done.stdout
    assert "the time budget ended the run" in " ".join(done.stdout.split())


def test_answers_are_cached_when_asked_for(tmp_path: Path) -> None:
    write_suite(tmp_path)
    first = regrade("run", "suite.yaml", "--cache-answers")
    assert "cache of answers: 0 found, 20 not (20 not seen before)" in first.stdout
    assert "cache of answers: 20 found" in regrade("run", "suite.yaml", "--cache-answers").stdout
    (tmp_path / "sums_app.py").write_text(
        (tmp_path / "sums_app.py").read_text().replace("a + b", "b + a")
    )
    assert (
        "20 not (20 the target changed)" in regrade("run", "suite.yaml", "--cache-answers").stdout
    )


def test_schemas_are_printed(tmp_path: Path) -> None:
    for name in ("suite", "case", "run", "comparison", "gate"):
        printed = json.loads(regrade("schema", name).stdout)
        assert printed["type"] == "object", name
        if name in ("comparison", "gate"):  # the others are looked at where they are made
            jsonschema.Draft202012Validator.check_schema(printed)


def test_an_unwritable_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_suite(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REGRADE_DB", str(tmp_path / "file" / "runs.db"))
    done = regrade("run", "suite.yaml")
    assert done.returncode == 2
    assert "set REGRADE_DB to another place" in done.stderr


def test_process_isolation_from_the_suite_file(tmp_path: Path) -> None:
    write_suite(tmp_path, cases=6, extra="isolation: process\nconcurrency: 2\n")
    (tmp_path / "sums_app.py").write_text(
        "import os\ndef answer(input):\n    if input == '3+1': os._exit(9)\n    return str(eval(input))\n"
    )
    document = json.loads(regrade("run", "suite.yaml", "--json").stdout)
    assert (document["passed"], document["errors"]) == (5, 1)
    assert "exit code 9" in document["failures"][0]["error"]


SYSTEMS = {
    "6b_finetuning": 286,
    "6b_verification": 515,
    "175b_finetuning": 458,
    "175b_verification": 742,
}
GSM8K = next(
    (p for p in (ROOT.parent / "shared/data/gsm8k", ROOT / "shared/data/gsm8k") if p.is_dir()), None
)


@pytest.mark.skipif(
    GSM8K is None, reason="the recorded answers of four systems to GSM8K are not on this machine"
)
@pytest.mark.parametrize(("system", "passed"), SYSTEMS.items(), ids=[*SYSTEMS])
def test_the_published_verdicts_on_gsm8k_are_reproduced(system: str, passed: int) -> None:
    done = regrade(
        *("run", str(ROOT / "examples/gsm8k/suite.yaml"), "--json"),
        *(
            "--set",
            f"dataset={GSM8K}/cases.jsonl",
            "--set",
            f"target.path={GSM8K}/outputs/{system}.jsonl",
        ),
    )
    document = json.loads(done.stdout)
    assert (document["passed"], document["attempts"]) == (passed, 1319)
    published = {
        row["id"]
        for line in (GSM8K / "outputs" / f"{system}.jsonl").read_text().splitlines()  # type: ignore[operator]  # there
        if not (row := json.loads(line))["published_is_correct"]
    }
    assert {failure["case"] for failure in document["failures"]} == published


def test_the_small_example_runs_where_the_data_are_absent() -> None:
    document = json.loads(regrade("run", str(ROOT / "examples/gsm8k/suite.yaml"), "--json").stdout)
    assert (document["passed"], document["failed"]) == (9, 3)

"""compare, gate and baseline, as a user calls them."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from regrade.cli.shared.beside import with_target
from regrade.cli.shared.looking import Looking
from regrade.domain import Look, RunSettings, Suite
from regrade.store import Store
from tests.analysis.comparing import of
from tests.cli.commands import regrade
from tests.fakes.targets import echo

APP = """
import pathlib
def answer(input):
    wrong = int(pathlib.Path("wrong").read_text())
    return "no" if input % 50 < wrong else str(input)
"""
SUITE = """
name: numbers
objective: Say the number.
criteria: {right: It is the number.}
dataset: cases.jsonl
target: app:answer
graders: [{type: equals}]
fingerprint: {code: [app.py], prompt: [wrong]}
gate:
  no_regression: {margin: 0.05, by: [parity]}
  no_critical_regression: true
  undecided: block
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "suite.yaml").write_text(SUITE)
    rows = [
        {
            "id": f"n{n}",
            "input": n,
            "expected": {"answer": str(n)},
            "tags": {"parity": "odd" if n % 2 else "even"},
        }
        for n in range(300)
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, rows)))
    answers(tmp_path, 2)
    return tmp_path


def answers(folder: Path, wrong: int) -> None:
    (folder / "wrong").write_text(str(wrong))


def test_a_change_is_compared_gated_and_becomes_the_baseline(folder: Path) -> None:
    undecided = regrade("gate", "suite.yaml", cwd=folder)
    assert undecided.returncode == 3, undecided.stderr
    assert "there is no baseline to compare with" in undecided.stdout
    assert "would make noise pass" in undecided.stdout.replace("\n", " ")
    written = regrade("baseline", "update", "suite.yaml", cwd=folder)
    assert "288 of 300 attempts pass" in written.stdout
    same = regrade("gate", "suite.yaml", "--json", cwd=folder)
    document = json.loads(same.stdout)
    assert (same.returncode, document["outcome"]) == (0, "pass")
    assert document["alpha"] == 0.05
    assert document["minimum_detectable_drop"] == pytest.approx(0.0205, abs=0.001)
    answers(folder, 12)
    failed = regrade("gate", "suite.yaml", "--label", "worse", cwd=folder)
    assert failed.returncode == 1
    assert "FAIL: a rule is shown to be broken" in failed.stdout
    assert "prompt changed" in failed.stdout
    comment = regrade("gate", "suite.yaml", "--run", "worse", "--markdown", cwd=folder).stdout
    assert comment.splitlines()[0] == "❌ **numbers: FAIL: a rule is shown to be broken**"
    again = regrade(
        "run", "suite.yaml", "--gate", "--baseline", "worse", "--label", "last", cwd=folder
    )
    assert again.returncode == 0, again.stdout
    shown = regrade("baseline", "show", "suite.yaml", cwd=folder)
    assert "288 passed, 12 failed" in shown.stdout


def test_runs_are_compared_as_text_json_and_comment(folder: Path) -> None:
    for wrong in (2, 12, 3):
        answers(folder, wrong)
        regrade("run", "suite.yaml", "--label", f"w{wrong}", "--json", cwd=folder)
    text = regrade("compare", "w2", "w12", cwd=folder).stdout
    for question in (
        "Did quality improve?",
        "Which cases regressed?",
        "Which failure category increased?",
        "Did latency or cost change?",
        "Is the change worth shipping?",
    ):
        assert question in text
    assert "worse: 96.0% → 76.0%" in text
    document = json.loads(regrade("compare", "w2", "w12", "--json", cwd=folder).stdout)
    assert document["schema"] == "regrade/comparison/1"
    assert document["verdict"] == "worse"
    assert document["ship"] == "no"
    assert len(document["cases_regressed"]) == 60
    assert document["version_changes"][0] == "prompt changed"
    comment = regrade("compare", "w2", "w12", "--markdown", cwd=folder).stdout
    assert comment.startswith("❌ **numbers: worse: 96.0%")
    wrote = regrade("compare", "w2", "w12", "--html", cwd=folder).stdout
    assert "<h2>Did quality improve?</h2>" in (folder / wrote.split()[-1]).read_text()
    assert regrade("compare", "w2", "w12", "-o", "x.html", cwd=folder).returncode == 2
    several = regrade("compare", "w2", "w12", "w3", cwd=folder).stdout
    assert "Ranked by pass rate" in several
    assert several.count("Is the change worth shipping?") == 2
    tolerant = regrade("compare", "w2", "w3", "--margin", "0.1", "--json", cwd=folder)
    document = json.loads(tolerant.stdout)
    assert (document["verdict"], document["ship"]) == ("worse", "yes")
    assert "within your margin of 10.0 points" in document["reasons"][0]
    for margin in ("2", "x=1", "0.1.2"):
        refused = regrade("compare", "w2", "w3", "--margin", margin, cwd=folder)
        assert refused.returncode == 2
        assert "write a share from 0 to 1" in refused.stderr


def test_what_cannot_be_gated_is_said(folder: Path) -> None:
    bare = folder / "bare.yaml"
    bare.write_text(SUITE.partition("gate:")[0])
    refused = regrade("gate", "bare.yaml", cwd=folder)
    assert refused.returncode == 2
    assert "has no gate; add one" in refused.stderr
    assert regrade("baseline", "show", "suite.yaml", cwd=folder).returncode == 2
    gone = regrade("gate", "suite.yaml", "--baseline", "gone", cwd=folder)
    assert gone.returncode == 2
    (folder / "cut.json").write_text("{")
    assert (
        "is not whole" in regrade("gate", "suite.yaml", "--baseline", "cut.json", cwd=folder).stderr
    )


def test_an_accepted_regression_is_shown_until_its_day(folder: Path) -> None:
    regrade("run", "suite.yaml", "--label", "main", "--json", cwd=folder)
    answers(folder, 3)
    text = (
        SUITE
        + """
accepted:
  - {case: n2, criterion: right, reason: the policy changed, until: 2999-01-01}
  - {case: n52, criterion: right, reason: was so, until: 2020-01-01}
"""
    )
    (folder / "suite.yaml").write_text(text)
    shown = regrade("gate", "suite.yaml", cwd=folder).stdout
    assert "(accepted: the policy changed)" in shown
    assert "n52: right was accepted until 2020-01-01" in shown
    assert "was so" not in shown


def test_the_noise_the_power_and_the_history_of_a_suite(folder: Path) -> None:
    said = regrade("aa", "suite.yaml", cwd=folder)
    assert said.returncode == 0, said.stderr
    assert "0.0% of the cases differ between two runs: the noise floor" in said.stdout
    assert "of exchanges in which nothing changed fail the gate" in said.stdout
    answers(folder, 4)
    regrade("run", "suite.yaml", "--label", "later", "--json", cwd=folder)
    power = json.loads(regrade("power", "suite.yaml", "--json", cwd=folder).stdout)
    assert power["source"].startswith("the runs ")
    assert [row["name"] for row in power["rows"]] == ["all cases", "parity even", "parity odd"]
    assert "a comparison shows" in regrade("power", "suite.yaml", cwd=folder).stdout
    shown = regrade("history", "suite.yaml", cwd=folder).stdout
    assert "later" in shown
    assert "96.0%" in shown
    rows = json.loads(regrade("history", "numbers", "--json", cwd=folder).stdout)
    assert rows[-1]["regressed"] == 12
    assert rows[-1]["pass_rate"] == pytest.approx(0.92)
    lines = regrade("history", "numbers", "--csv", cwd=folder).stdout.splitlines()
    assert len(lines) == len(rows) + 1
    assert lines[0].startswith("run_id,label,started_at")
    assert regrade("history", "numbers", "--parquet", "h.parquet", cwd=folder).returncode == 0
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(folder / "h.parquet").num_rows == len(rows)
    assert "no finished run" in regrade("history", "nothing", cwd=folder).stderr


def test_what_is_run_after_which_change(folder: Path) -> None:
    def planned() -> dict[str, Any]:
        document: dict[str, Any] = json.loads(
            regrade("plan", "suite.yaml", "--json", cwd=folder).stdout
        )
        return document

    assert planned()["since"] is None
    first = regrade("run", "suite.yaml", "--plan", "--label", "first", cwd=folder)
    assert first.returncode == 0, first.stderr
    assert "1. the whole pipeline (nothing was run before): 300 attempts" in first.stdout
    assert planned()["changes"] == []
    again = regrade("run", "suite.yaml", "--plan", cwd=folder)
    assert "nothing is left to do" in again.stdout
    answers(folder, 3)
    changed = planned()
    assert changed["changes"] == ["prompt"]
    [step] = changed["steps"]
    assert (step["what"], step["attempts"], step["fits"]) == ("pipeline", 300, True)
    assert step["expected_s"] is not None
    more = [
        json.dumps({"id": f"x{n}", "input": n, "expected": {"answer": str(n)}})
        for n in range(910, 915)
    ]
    answers(folder, 2)
    with (folder / "cases.jsonl").open("a") as file:
        file.write("\n" + "\n".join(more))
    rest = regrade("run", "suite.yaml", "--plan", cwd=folder)
    assert "what was never graded (nothing changed): 5 attempts" in rest.stdout
    assert "5 passed" in rest.stdout
    answers(folder, 25)
    hurried = regrade("run", "suite.yaml", "--plan", "--budget", "5m", cwd=folder)
    assert "a verdict ended the run after" in hurried.stdout.replace("\n", " ")
    refused = regrade("run", "suite.yaml", "--plan", "--json", cwd=folder)
    assert refused.returncode == 2


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(
        ("git", *identity, "-C", str(folder), *arguments), check=True, capture_output=True
    )


def test_another_revision_runs_beside_the_candidate(folder: Path) -> None:
    (folder / "suite.yaml").write_text(SUITE + "setup: test -f built || touch built\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Good")
    answers(folder, 12)
    (folder / "suite.yaml").write_text(
        SUITE.replace("[{type: equals}]", "[{type: equals, ignore_case: true}]")
    )
    done = regrade("gate", "suite.yaml", "--baseline-rev", "HEAD", "--json", cwd=folder)
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    assert document["baseline"] == "baseline HEAD by today's graders"
    assert document["outcome"] == "fail"
    trees = subprocess.run(
        ("git", "-C", str(folder), "worktree", "list"), capture_output=True, text=True, check=True
    )
    assert len(trees.stdout.splitlines()) == 1, "the worktree is gone"
    (folder / "suite.yaml").write_text(SUITE + "setup: echo no compiler >&2; exit 3\n")
    broken = regrade("gate", "suite.yaml", "--baseline-rev", "HEAD", cwd=folder)
    assert broken.returncode == 2
    assert "does not build" in broken.stderr
    assert "no compiler" in broken.stderr
    unknown = regrade("gate", "suite.yaml", "--baseline-rev", "nothing", cwd=folder)
    assert unknown.returncode == 2
    assert "git knows no revision 'nothing' here" in unknown.stderr


def test_another_target_runs_beside_the_candidate(folder: Path) -> None:
    (folder / "other.py").write_text("def answer(input):\n    return str(input)\n")
    done = regrade("gate", "suite.yaml", "--baseline-target", "other:answer", "--json", cwd=folder)
    document = json.loads(done.stdout)
    assert document["baseline"] == "baseline other:answer"
    assert document["rules"][0]["value"] == pytest.approx(-0.04)
    gone = regrade("gate", "suite.yaml", "--baseline-target", "gone:answer", cwd=folder)
    assert gone.returncode == 2
    assert "did not run" in gone.stderr
    both = regrade("gate", "suite.yaml", "--baseline-target", "a:b", "--baseline", "x", cwd=folder)
    assert "exclude each other" in both.stderr


def test_further_trials_of_both_versions_are_bought_while_it_is_undecided(folder: Path) -> None:
    (folder / "app.py").write_text(
        "def answer(input):\n    return str(input)\ndef before(input):\n    return str(input)\n"
    )
    lines = (folder / "cases.jsonl").read_text().splitlines()[:12]
    (folder / "cases.jsonl").write_text("\n".join(lines))
    arguments = ("gate", "suite.yaml", "--baseline-target", "app:before")
    done = regrade(*arguments, "--confirm", "--json", "--set", "budget=60s", cwd=folder)
    document = json.loads(done.stdout)
    assert (done.returncode, document["outcome"]) == (3, "undecided"), done.stderr
    assert [look["trials"] for look in document["looks"]] == [1, 2, 3]
    assert document["looks"][0]["alpha"] < document["looks"][2]["alpha"] < 0.05
    assert len({look["candidate"] for look in document["looks"]}) == 3
    asked = regrade(*arguments, "--set", "gate.undecided=escalate", cwd=folder)
    assert asked.returncode == 0, "escalate only warns in the end"
    assert "look 3: undecided with 3 trials of every case" in asked.stdout


def test_what_is_only_stored_cannot_be_tried_again(folder: Path) -> None:
    regrade("run", "suite.yaml", "--label", "main", "--json", cwd=folder)
    answers(folder, 3)
    stored = regrade("gate", "suite.yaml", "--confirm", cwd=folder)
    assert stored.returncode == 3
    said = stored.stdout.replace("\n", " ")
    assert "the baseline main is stored and cannot be run again; give --baseline-rev REV" in said
    both = regrade("gate", "suite.yaml", "--confirm", "--run", "main", cwd=folder)
    assert both.returncode == 2


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (RunSettings(budget_s=25.0), "20 s of the budget of 25 s are used"),
        (RunSettings(max_cost_usd=0.25), "$0.19 of the limit of $0.25 a version are used"),
        (RunSettings(budget_s=60.0, max_cost_usd=1.0), None),
        (RunSettings(), None),
    ],
)
def test_a_look_that_does_not_fit_is_not_begun(
    tmp_path: Path, settings: RunSettings, reason: str | None
) -> None:
    before, after = (of([True] * 10, name, cost=0.01) for name in "ab")
    suite = Suite(
        outline=after.header.suite,
        dataset=after.dataset,
        target=echo(),
        graders=(),
        settings=settings,
    )
    looking = Looking(
        suite,
        tmp_path / "suite.yaml",
        with_target(tmp_path / "suite.yaml", "app:before"),
        Store(tmp_path / "runs.db"),
        None,
        candidates=[after],
        baselines=[before],
        looks=[Look(trials=1, alpha=0.01, outcome="undecided", candidate="b", baseline="a")],
        began_at=time.monotonic() - 20,
    )
    said = looking.not_affordable()
    assert said == reason if reason is None else reason in (said or "")

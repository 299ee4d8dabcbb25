"""A biased judge, people's labels, and the report that a team would read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import regrade
from tests.fakes.model_server import Script, Step, application
from tests.fakes.serving import served

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "judged"
SUITE = """
name: support
objective: Answer customers.
criteria: {kind: The reply is kind and right.}
dataset: cases.jsonl
target: {type: recorded, path: outputs.jsonl}
graders: [{type: judge, rubric: support_response, model: "openai:judge-1", criterion: kind}]
gate:
  pass_rate: {min: 0.5}
  judge: {level: L1, max_age: 30d}
  undecided: block
"""
GOOD, SUBTLE, BAD = "A right answer.", "A wrong answer, well said and at length.", "Rude."


class Biased(Script):
    """Passes what is right, and half of what is wrong and well said."""

    def next(self, request: dict[str, Any], headers: dict[str, str]) -> Step:
        super().next(request, headers)
        content = request["messages"][-1]["content"]
        data = json.loads(content.split("\n", 1)[1].rsplit("\n--- end", 1)[0])
        answer = data["answer"]
        is_fooled = SUBTLE in answer and int(data["question"].split()[-1]) % 2 == 0
        passed = GOOD in answer or is_fooled
        score = 5 if passed else 1
        reply = {
            "scores": dict.fromkeys(("correctness", "completeness", "tone", "format"), score),
            "pass": passed,
            "reason": "So it seems.",
            "issues": [] if passed else ["It is wrong."],
        }
        return Step(text=json.dumps(reply), cost=0.001)


def answer_to(n: int) -> str:
    return f"{(GOOD, GOOD, GOOD, GOOD, SUBTLE, SUBTLE, BAD)[n % 7]} {n}"


@pytest.fixture
def script() -> Script:
    return Biased([Step()])


@pytest.fixture
def folder(tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    cases = [
        {"id": f"q{n}", "input": f"Question {n}", "tags": {"topic": "ab"[n % 2]}}
        for n in range(300)
    ]
    outputs = [{"id": f"q{n}", "output": answer_to(n)} for n in range(300)]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    (tmp_path / "outputs.jsonl").write_text("\n".join(map(json.dumps, outputs)))
    (tmp_path / "suite.yaml").write_text(SUITE)
    with served(application(script)) as address:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield tmp_path


def label(folder: Path) -> None:
    """Have ada label what is right and what is wrong."""
    wrong = [n for n in range(300) if n % 7 > 3][:60]
    right = [n for n in range(300) if n % 7 <= 3][:60]
    rows = [
        {
            "case": f"q{n}",
            "criterion": "kind",
            "verdict": "pass" if n in right else "fail",
            "who": "ada",
        }
        for n in (*right, *wrong)
    ]
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    kept = regrade("label", "first", "--import", "labels.jsonl", cwd=folder)
    assert kept.stdout == "kept 120 new labels of labels.jsonl\n"


def test_a_biased_judge_is_measured_corrected_and_kept_from_gating(
    folder: Path, script: Script
) -> None:
    first = regrade("run", "suite.yaml", "--label", "first", cwd=folder)
    assert first.returncode == 0, first.stderr
    assert "kind: judged 71.7%, uncalibrated: no person has labelled" in " ".join(
        first.stdout.split()
    )
    assert "judge correctness: 3.87" in first.stdout
    assert "$0.3000" in first.stdout
    asked = len(script.requests)
    assert asked == 300

    planned = regrade("run", "suite.yaml", "--dry-run", cwd=folder).stdout
    assert "about $0.30 for judge, by what it cost in the same run" in planned
    again = regrade("run", "suite.yaml", "--json", cwd=folder)
    document = json.loads(again.stdout)
    assert len(script.requests) == asked, "from the cache"
    assert document["judges"]["judge"]["cost_usd"] == 0
    assert document["judges"]["judge"]["served"] == ["scripted-1"]

    blocked = regrade("gate", "suite.yaml", "--run", "first", "--json", cwd=folder)
    assert blocked.returncode == 3
    rules = {rule["rule"]: rule for rule in json.loads(blocked.stdout)["rules"]}
    assert rules["judge kind"]["outcome"] == "undecided"
    assert "has shown uncalibrated with 0 labels" in rules["judge kind"]["words"]

    label(folder)
    said = regrade("calibrate", "suite.yaml", "--run", "first", cwd=folder).stdout
    told = " ".join(said.split())
    assert "kind: judged 71.7%, corrected 53.8% [46.0%, 61.5%]" in told
    assert "by 120 labels (L0, better than always saying the same)" in told
    assert "favours long answers by" in told
    found = json.loads(
        regrade("calibrate", "suite.yaml", "--run", "first", "--json", cwd=folder).stdout
    )
    kind = found["criteria"]["kind"]
    assert kind["confusion"] == {"both": 60, "judge": 20, "people": 0, "neither": 40}
    assert kind["corrected"]["low"] < 172 / 300 < kind["corrected"]["high"], "what people would say"
    assert kind["judged_pass_rate"] > kind["corrected"]["high"], "the judge alone is wrong"

    shown = " ".join(regrade("show", "first", cwd=folder).stdout.split())
    assert "kind: judged 71.7%, corrected" in shown
    compared = " ".join(regrade("compare", "first", "last", cwd=folder).stdout.split())
    assert "before kind: judged 71.7%, corrected" in compared
    still = json.loads(regrade("gate", "suite.yaml", "--run", "first", "--json", cwd=folder).stdout)
    assert "has shown L0 with 120 labels, and L1 is asked for" in str(still["rules"])
    fine = regrade(
        "gate", "suite.yaml", "--run", "first", "--set", "gate.judge.level=L0", cwd=folder
    )
    assert fine.returncode == 0, fine.stdout


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example of a biased judge, with its judge running."""
    program = [sys.executable, str(EXAMPLE / "judge.py"), "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout is not None
        monkeypatch.setenv("OPENAI_BASE_URL", judge.stdout.readline().split()[-1])
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        yield tmp_path
        judge.terminate()


def test_the_example_is_measured_judged_again_and_solved(example: Path) -> None:
    suite = str(EXAMPLE / "suite.yaml")
    said = regrade("run", suite, "--label", "judged", cwd=example)
    assert "kind: judged 78.3%, uncalibrated" in " ".join(said.stdout.split())
    kept = regrade("label", "judged", "--import", str(EXAMPLE / "labels.csv"), cwd=example)
    assert kept.stdout.startswith("kept 140 new labels")
    found = regrade("calibrate", suite, "--again", "--solve", cwd=example)
    assert found.returncode == 0, found.stderr
    assert "judged 50 answers again" in found.stderr
    assert "judged answered by openai:judge-1: " in found.stderr
    told = " ".join(found.stdout.split())
    for words in (
        "kind: judged 78.3%, corrected 64.9% [55.6%, 73.8%] by 98 labels (L0, better than always",
        "kind tone: judged 4.23, corrected 3.79 [3.51, 4.07] by the scores of people on 100 answers",
        "people among each other: ada and bo, kappa 0.90 on 40 answers",
        "favours long answers by +47.4 points",
        "judged again, 3 times: 10.0% of 50 answers get different verdicts [4.3%, 21.4%]",
        "no drift is shown",
        "answers 96.7% of 300 cases right itself, the system 89.0% (one-sided p 0.0003",
    ):
        assert words in told, words
    gated = regrade("gate", suite, "--run", "judged", cwd=example)
    assert gated.returncode == 3
    words = " ".join(gated.stdout.split())
    assert "criteria.kind.min by people's verdicts 64.9% pass" in words
    assert "70.0% lies between (the judge alone passes 78.3%)" in words
    sheet = regrade("calibrate", suite, "--run", "judged", "--sheet", "more.csv", "--next", "8", cwd=example)  # fmt: skip
    assert sheet.stdout == "wrote 8 answers to label into more.csv\n"
    rows = (example / "more.csv").read_text().splitlines()
    assert rows[0].startswith("case,criterion,verdict,note,who,score.tone,score.helpfulness,asked")
    assert len(rows) == 9
    unfilled = regrade("label", "judged", "--import", "more.csv", cwd=example)
    assert unfilled.stdout.startswith("kept 0 new labels")
    stopped = regrade("calibrate", suite, "--run", "judged", "--again", "--max-cost", "0", cwd=example)  # fmt: skip
    assert "judged 0 answers again" in stopped.stderr
    text = (EXAMPLE / "suite.yaml").read_text().replace("kindness.yaml", "tone")
    (example / "other.yaml").write_text(text)
    paths = ("--set", f"dataset={EXAMPLE}/cases.jsonl", "--set", f"target.path={EXAMPLE}/outputs.jsonl")  # fmt: skip
    other = regrade("calibrate", "other.yaml", "--run", "judged", "--again", *paths, cwd=example)
    assert other.returncode == 2
    assert "the judge of kind is another one than in the run" in other.stderr


def test_labels_go_out_and_come_in_and_mistakes_are_all_told(folder: Path) -> None:
    regrade("run", "suite.yaml", "--label", "first", cwd=folder)
    nobody = regrade("label", "first", "--export", "out.csv", cwd=folder)
    assert nobody.returncode == 2
    assert "nobody has labelled" in nobody.stderr
    (folder / "in.csv").write_text("case,criterion,verdict,note\nq1,kind,pass,\nq2,kind,fail,so\n")
    assert (
        "kept 2 new"
        in regrade("label", "first", "--import", "in.csv", "--who", "bo", cwd=folder).stdout
    )
    assert "wrote 2 labels" in regrade("label", "first", "--export", "out.csv", cwd=folder).stdout
    lines = (folder / "out.csv").read_text().splitlines()
    assert lines[0].startswith("case,criterion,verdict,note,who,labelled_at,answer,output")
    assert "q2,kind,fail,so,bo," in lines[2]
    assert "kept 0 new" in regrade("label", "first", "--import", "out.csv", cwd=folder).stdout
    (folder / "bad.jsonl").write_text(
        '{"case": "q1"}\n{"case": "gone", "criterion": "kind", "verdict": "pass"}\n'
        '{"case": "q1", "criterion": "kind", "verdict": "good"}\n'
        '{"case": "q1", "criterion": "other", "verdict": "pass"}\n'
        '{"case": "q1", "criterion": "kind", "verdict": "pass", "answer": "no"}\n'
        '{"case": "q1", "criterion": "kind", "verdict": "pass", "labelled_at": "soon"}\n'
    )
    bad = regrade("label", "first", "--import", "bad.jsonl", cwd=folder)
    assert bad.returncode == 2
    for number, fault in enumerate(
        ("`criterion` is missing", "has no answer to a case 'gone'", "`verdict` is 'good'",
         "no criterion 'other'", "is none of the run", "Invalid isoformat"), start=1,
    ):  # fmt: skip
        assert f"bad.jsonl:{number}: " in bad.stderr
        assert fault in bad.stderr
    for text, fault in (("[1]", "is no object"), ("{", "no JSON")):
        (folder / "odd.jsonl").write_text(text)
        assert fault in regrade("label", "first", "--import", "odd.jsonl", cwd=folder).stderr
    assert "cannot be read" in regrade("label", "first", "--import", "no.csv", cwd=folder).stderr
    assert regrade("label", "first", "--criterion", "x", cwd=folder).returncode == 2


def test_judges_take_part_in_mutations_only_where_that_is_asked_for(
    folder: Path, script: Script
) -> None:
    regrade("run", "suite.yaml", "--label", "first", cwd=folder)
    asked = len(script.requests)
    alone = regrade("mutate", "suite.yaml", "first", cwd=folder)
    assert "no stored trace" in alone.stderr, "nobody else judges"
    assert len(script.requests) == asked
    found = json.loads(
        regrade("mutate", "suite.yaml", "first", "--judges", "--json", cwd=folder).stdout
    )
    assert {each["name"]: each["noticed"]["value"] for each in found["breaks"]}["empty"] == 1
    assert len(script.requests) > asked


def test_a_judge_where_something_cheaper_proves_as_much_is_warned_of(folder: Path) -> None:
    text = SUITE.replace("support_response", "correctness")
    (folder / "suite.yaml").write_text(text)
    cases = [{"id": f"q{n}", "input": "x", "expected": {"answer": n}} for n in range(20)]
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    said = " ".join(regrade("check", "suite.yaml", cwd=folder).stdout.split())
    assert "20 of its 20 cases say what is right: `number` proves that exactly" in said
    (folder / "suite.yaml").write_text(text.replace("openai:judge-1", "nobody:x"))
    assert "'nobody:x' is no model" in regrade("check", "suite.yaml", cwd=folder).stderr
    own = text.replace(
        "{type: recorded, path: outputs.jsonl}", '{type: chat, model: "openrouter:openai/gpt-4"}'
    )
    (folder / "suite.yaml").write_text(own)
    assert "judges favour their own" in regrade("check", "suite.yaml", cwd=folder).stderr
    (folder / "suite.yaml").write_text(
        own.replace('judge-1",', 'judge-1", allow_same_family: true,')
    )
    assert "judges favour their own" not in regrade("check", "suite.yaml", cwd=folder).stderr
    (folder / "suite.yaml").write_text(text.replace("correctness", "none.yaml"))
    assert "there is no rubric" in regrade("check", "suite.yaml", cwd=folder).stderr

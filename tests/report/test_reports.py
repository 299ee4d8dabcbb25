import io
import json
from datetime import UTC, datetime

import jsonschema
import pytest
from rich.console import Console

from regrade.analysis import summarize
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Grade,
    GraderFailure,
    Run,
    RunHeader,
    SuiteOutline,
    TargetFailure,
    Trace,
    Usage,
)
from regrade.graders import contains, no_error
from regrade.report.case import print_case
from regrade.report.document import run_document, run_schema
from regrade.report.terminal import print_run

RIGHT, ALIVE = (
    contains(criterion="right", component="answerer").spec,
    no_error(criterion="alive").spec,
)
CONTRACT = {
    "schema", "run_id", "suite", "dataset_version", "target_version", "cases", "attempts", "passed", "failed", "ungraded",
    "errors", "not_run", "abstentions", "grader_failures", "pass_rate", "criteria", "slices", "components", "attribution",
    "operations", "failures",
}  # fmt: skip


def make_run() -> Run:
    cases = tuple(
        Case(
            id=f"case-{n}",
            input=f"What is [bold]{n}[/bold]? \x1b[31m",
            tags={"topic": "ab"[n % 2]},
            critical=n == 0,
        )
        for n in range(8)
    )

    def attempt(n: int) -> Attempt:
        if n == 6:
            error = TargetFailure(
                kind="timeout", message="no answer within 60 s", traceback="Traceback …"
            )
            return Attempt(
                case=cases[n], trace=Trace(error=error), grades=(Grade(False, "No.", spec=ALIVE),)
            )
        trace = Trace(
            output=f"answer {n} \x1b[2J",
            latency_s=0.1 * n,
            usage=Usage(input_tokens=10, cost_usd=0.01),
        )
        passed = None if n == 5 else n > 1
        broken = GraderFailure(spec=RIGHT, error_type="RuntimeError", message="bad", traceback="tb")
        return Attempt(
            case=cases[n],
            trace=trace,
            grades=(Grade(passed, "Because [red]so[/red].", spec=RIGHT, issues=("one",)),),
            failures=(broken,) if n == 5 else (),
        )

    attempts = [attempt(n) for n in range(7)]
    outline = SuiteOutline(
        name="s",
        objective="Answer.",
        criteria={"right": "x", "alive": "y"},
        components=(Component(name="answerer"),),
    )
    header = RunHeader(
        run_id="20260101-000000-abcd",
        suite=outline,
        suite_version="v",
        dataset_version="d",
        target_version="t",
        trials=1,
        planned=8,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        label="before",
    )
    return Run(
        header=header,
        dataset=Dataset.of(cases),
        attempts=attempts,
        summary=summarize(header, attempts),
    )


def printed(width: int) -> str:
    out = io.StringIO()
    print_run(make_run(), Console(file=out, width=width, highlight=False), notes=["a note"])
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 80, 160])
def test_the_report_says_what_passes_what_fails_and_why(width: int) -> None:
    text = printed(width)
    flat = " ".join(text.split())
    for said in (
        "3 passed",
        "3 failed",
        "1 ungraded",
        "1 not run",
        "1 timeout",
        "right",
        "alive",
        "By topic",
        "case-0",
        "critical",
        "a note",
    ):
        assert said in flat, said
    assert "Because [red]so[/red]." in flat
    assert "\x1b" not in text
    assert all(len(line) <= width for line in text.splitlines() if "regrade show" not in line)


def test_the_report_has_no_overall_score() -> None:
    assert "score" not in printed(100).lower()


def test_the_document_has_the_keys_of_the_contract_and_follows_its_schema() -> None:
    document = json.loads(json.dumps(run_document(make_run())))
    assert set(document) >= CONTRACT
    jsonschema.validate(document, run_schema())
    assert (
        document["attempts"]
        == document["passed"] + document["failed"] + document["ungraded"] + document["not_run"]
        == 8
    )
    assert document["pass_rate"]["n"] == 6
    assert document["criteria"]["alive"] == {
        "value": 0.0,
        "low": 0.0,
        **{
            k: document["criteria"]["alive"][k]
            for k in ("high", "n", "abstentions", "grader_failures")
        },
    }
    assert document["slices"]["topic"]["a"]["n"] == 4 or document["slices"]["topic"]["a"]["n"] == 3
    assert document["attribution"]["answerer"]["count"] == 2
    assert document["attribution"]["none"]["count"] == 1
    assert document["operations"]["tokens"] == 60
    assert document["failures"][0]["case"] == "case-0"
    assert not document["valid"]


def test_a_case_is_shown_with_everything_about_it() -> None:
    run = make_run()
    out = io.StringIO()
    console = Console(file=out, width=100, highlight=False)
    for n in (1, 5, 6):
        print_case([run.attempts[n]], console)
    text = out.getvalue()
    for said in (
        "case-1",
        "FAILED",
        "answer 1",
        "✗ contains (right)",
        "· one",
        "UNGRADED",
        "! contains",
        "RuntimeError: bad",
        "timeout: no answer",
    ):
        assert said in text, said
    assert "\x1b" not in text

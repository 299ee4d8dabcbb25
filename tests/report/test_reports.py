import io
import json
from dataclasses import replace

import jsonschema
import pytest
from rich.console import Console

from regrade.domain import Confusion
from regrade.report.case import print_case
from regrade.report.document import attempt_document, run_document, run_schema
from regrade.report.html import run_html
from regrade.report.markdown import run_markdown
from regrade.report.terminal import print_run
from tests.fakes.runs import hostile_run, make_run

CONTRACT = {
    "schema", "run_id", "suite", "dataset_version", "target_version", "cases", "attempts", "passed", "failed", "ungraded",
    "errors", "not_run", "abstentions", "grader_failures", "pass_rate", "criteria", "slices", "components", "attribution",
    "operations", "failures",
}  # fmt: skip


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
        print_case([run.attempts[n]], run.header.suite.components, console)
    text = out.getvalue()
    for said in (
        "case-1",
        "FAILED",
        "answer 1",
        "✗ contains (right at answerer)",
        "· one",
        "UNGRADED",
        "! contains",
        "RuntimeError: bad",
        "timeout: no answer",
    ):
        assert said in text, said
    assert "\x1b" not in text


def test_labels_and_what_was_found_are_in_the_terminal_report_and_the_document() -> None:
    run = hostile_run(6)
    out = io.StringIO()
    print_run(run, Console(file=out, width=100, highlight=False))
    text = out.getvalue()
    assert "Labels of one_of" in text
    assert "disallowed content: x" in text
    assert "\x1b" not in text
    document = json.loads(json.dumps(run_document(run)))
    jsonschema.validate(document, run_schema())
    assert document["confusion"]["one_of"] == {"labels": ["a", "b"], "counts": [[3, 3], [0, 0]]}
    assert document["dimensions"]["disallowed_content"]["value"] == pytest.approx(1 / 3)
    assert document["operations"]["unpriced"] == 0


def test_many_labels_are_told_by_the_commonest_mistakes() -> None:
    run = hostile_run(2)
    labels = tuple("abcdefghijk")
    confusion = Confusion(labels=labels, counts={("a", "b"): 3, ("b", "b"): 5, ("c", "a"): 1})
    summary = replace(
        run.summary, confusion={"intent": confusion, "fine": Confusion(labels=labels, counts={})}
    )
    many = replace(run, summary=summary)
    out = io.StringIO()
    print_run(many, Console(file=out, width=100, highlight=False))
    assert "3 × a answered as b" in out.getvalue()
    assert "every label was right" in out.getvalue()
    assert "Labels of intent: 3 × a answered as b, 1 × c answered as a." in run_markdown(many)
    assert "Labels of intent" in run_html(many)


def test_an_attempt_is_a_document_with_its_labels() -> None:
    document = attempt_document(hostile_run(1).attempts[0])
    assert document["grades"][0]["expected"] == "a"
    assert document["outcome"] == "failed"


@pytest.mark.parametrize("width", [50, 100])
def test_dimensions_are_told_at_any_width(width: int) -> None:
    run = hostile_run(3)
    rates = {
        name: next(iter(run.summary.dimensions.values())) for name in ("parse_success", "leaks")
    }
    out = io.StringIO()
    print_run(
        replace(run, summary=replace(run.summary, dimensions=rates)),
        Console(file=out, width=width, highlight=False),
    )
    assert "Dimensions" in out.getvalue()
    assert "Found and unwanted" in out.getvalue()

"""Markdown for pull requests, JUnit for CI."""

from xml.etree import ElementTree as ET

import pytest

from regrade.report.junit import run_junit
from regrade.report.markdown import MOST_CHARACTERS, run_markdown
from tests.fakes.runs import HOSTILE, hostile_run, make_run


def test_the_first_line_is_the_verdict() -> None:
    lines = run_markdown(make_run(), ["a note"]).splitlines()
    assert lines[0].startswith("❌ **s: 50.0% pass (18.8% – 81.2%): 3 passed, 3 failed")
    text = "\n".join(lines)
    for said in (
        "| right | 60.0% |",
        "case-0",
        "**critical**",
        "> a note",
        "| answerer | 33.3% |",
        "| a | 50.0% |",
    ):
        assert said in text, said


@pytest.mark.parametrize("attempts", [1, 40, 3000])
def test_markdown_fits_a_comment_and_hostile_texts_stay_texts(attempts: int) -> None:
    text = run_markdown(hostile_run(attempts, words=20))
    assert len(text) < MOST_CHARACTERS + 2000
    assert "<script" not in text.replace("\\<script", "")
    assert "@everyone" not in text
    assert "https://" not in text
    assert "](" not in text
    assert "\x1b" not in text
    assert "(the worst 20 of" in text or attempts < 40


def test_labels_are_a_matrix_in_markdown() -> None:
    text = run_markdown(hostile_run(6))
    assert "| one\\_of: expected ↓ answered → | a | b |" in text
    assert "| a | 3 | 3 |" in text
    assert "| disallowed content: x | 33.3% |" in text


def test_junit_has_one_test_a_case_with_its_reasons() -> None:
    root = ET.fromstring(run_junit(make_run()))
    [suite] = root
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "2", "errors": "1", "skipped": "1"}
    tests = {test.get("name"): test for test in suite.iter("testcase")}
    failure = tests["case-0"].find("failure")
    assert failure is not None
    assert failure.get("message") == "right at answerer: Because [red]so[/red]."
    assert "answer 0" in (failure.text or "")
    assert tests["case-6"].find("error") is not None
    assert tests["case-5"].find("skipped") is not None
    assert len(tests["case-3"]) == 0
    assert float(tests["case-3"].get("time", "")) == pytest.approx(0.3)


def test_junit_is_xml_whatever_is_in_it() -> None:
    root = ET.fromstring(run_junit(hostile_run(4)))
    [failed, *_] = [test for test in root.iter("testcase") if len(test)]
    assert "</script><script>" in (failed.get("name") or "")
    assert HOSTILE[:20] in ET.tostring(root, encoding="unicode").replace("&lt;", "<").replace(
        "&gt;", ">"
    )

from pathlib import Path
from typing import Any

import pytest

from regrade import Probe
from regrade.domain import Case, Trace
from regrade.suites import Finding, examine, make_suite

pytestmark = pytest.mark.anyio


async def findings(cases: list[dict[str, Any]], graders: list[Any], **keys: Any) -> list[Finding]:
    content = {
        "name": "s",
        "objective": "o",
        "criteria": {"c": "d"},
        "dataset": cases,
        "target": lambda input: input,
        "graders": graders,
        **keys,
    }
    return await examine(make_suite(content, folder=Path.cwd()))


def said(found: list[Finding], level: str) -> str:
    return "\n".join(finding.message for finding in found if finding.level == level)


CASES = [
    {"id": f"c{i}", "input": i, "expected": {"answer": i}, "kind": "typical"} for i in range(12)
]


async def test_a_grader_that_no_case_feeds_is_an_error() -> None:
    found = await findings(CASES, [{"type": "contains", "expected": "{{ expected.other }}"}])
    assert "'contains' can judge no case: expected.other is missing" in said(found, "error")
    assert "no required grader can judge 12 of 12 cases" in said(found, "warning")


async def test_a_grader_whose_tags_no_case_has_is_an_error() -> None:
    found = await findings(
        CASES, [{"type": "contains"}, {"type": "equals", "when": {"topic": "x"}}]
    )
    assert "'equals' covers no case" in said(found, "error")


async def test_a_grader_that_abstains_on_some_cases_is_a_note() -> None:
    found = await findings([*CASES, {"input": "x"}], [{"type": "contains"}])
    assert "will abstain on 1 of 13 cases" in said(found, "note")


async def test_kinds_slices_duplicates_and_misspelt_keys_are_told() -> None:
    cases = [*CASES, {"input": 1, "tags": {"topic": "rare"}, "shuold_refuse": True}]
    found = await findings(cases, [{"type": "contains"}], slices=["topic", "no_such_tag"])
    assert "kinds of cases: typical 92%, without kind 8%" in said(found, "note")
    warnings = said(found, "warning")
    assert (
        "no case of the kind edge or adversarial or historical_failure or missing_data" in warnings
    )
    assert "1 cases ask the same as another one, such as 'c1'" in warnings
    assert "topic=rare (1)" in warnings
    assert "'shuold_refuse', which regrade does not know. Did you mean 'should_refuse'?" in warnings
    assert "no case has the tag 'no_such_tag'" in said(found, "error")


async def test_a_functions_own_probes_are_run() -> None:
    def judge(case: Case, trace: Trace) -> bool:
        if trace.output == "boom":
            raise RuntimeError("boom")
        return trace.output_text == "good"

    def probe(output: str, gives: Any) -> Probe:
        return Probe(case=Case(input="p"), trace=Trace(output=output), gives=gives)

    judge.probes = [probe("good", "pass"), probe("bad", "pass"), probe("boom", "fail")]  # type: ignore[attr-defined]  # how probes are declared
    errors = said(await findings(CASES, [judge]), "error")
    assert "probe 1" not in errors
    assert "fails its own probe 2: it fails" in errors
    assert "fails its own probe 3: it raised RuntimeError: boom" in errors

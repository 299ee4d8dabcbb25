from dataclasses import replace
from typing import Any

import pytest

from regrade.analysis.plan import plan_of
from regrade.domain import Dataset, RunSettings, Suite
from tests.analysis.comparing import case, of
from tests.fakes.targets import echo

BEFORE = of([True] * 10)
CASES = Dataset.of(tuple(case(n) for n in range(10)))


def suite(**changes: Any) -> Suite:
    return replace(
        Suite(
            outline=BEFORE.header.suite,
            dataset=CASES,
            target=echo(),
            graders=(),
            settings=RunSettings(concurrency=2, trials=3),
            fingerprint={"prompt": "new", "model": "old", "retrieval": "old", "tools": "old"},
            alone=("retrieval", "generation"),
        ),
        **changes,
    )


def header(**fingerprint: str) -> Any:
    known = {"prompt": "new", "model": "old", "retrieval": "old", "tools": "old"} | fingerprint
    return replace(BEFORE.header, fingerprint=known, target_version=echo().version)


@pytest.mark.parametrize(
    ("before", "steps"),
    [
        ({"prompt": "older"}, ["pipeline"]),
        ({"model": "older"}, ["pipeline", "retrieval", "generation"]),
        ({"retrieval": "older"}, ["retrieval", "pipeline"]),
        ({"tools": "older"}, ["pipeline"]),
        ({}, ["cached"]),
        ({"retrieval": "older", "prompt": "older"}, ["pipeline", "retrieval"]),
    ],
)
def test_each_kind_of_change_has_its_steps(before: dict[str, str], steps: list[str]) -> None:
    made = suite()
    plan = plan_of(made, made.alone, header(**before), 4, {})
    assert [step.what for step in plan.steps] == steps


def test_the_suite_may_have_steps_of_its_own() -> None:
    made = suite(plan={"prompt": ("generation", "pipeline"), "model": ("elsewhere",)})
    plan = plan_of(made, made.alone, header(prompt="older"), 0, {})
    assert [step.what for step in plan.steps] == ["generation", "pipeline"]
    plan = plan_of(made, made.alone, header(model="older"), 0, {})
    assert [step.what for step in plan.steps] == ["pipeline"]


def test_a_target_of_another_version_is_a_change_of_code() -> None:
    made = suite()
    plan = plan_of(made, (), replace(header(), target_version="other"), 0, {})
    assert plan.changes == ("code",)
    assert plan_of(made, (), None, 0, {}).steps[0].why == "nothing was run before"


def test_time_is_told_by_earlier_runs_and_what_does_not_fit_is_said() -> None:
    made = suite(settings=RunSettings(concurrency=2, budget_s=10))
    plan = plan_of(
        made,
        made.alone,
        header(model="older"),
        0,
        {"pipeline": BEFORE.summary, "retrieval": BEFORE.summary},
    )
    pipeline, retrieval, generation = plan.steps
    assert pipeline.expected_s == pytest.approx(5 * 1.2)
    assert (pipeline.fits, retrieval.fits) == (True, False)
    assert generation.expected_s is None


def test_what_the_pipeline_runs_anyway_is_not_run_apart() -> None:
    made = suite(plan={"none": ("cached", "pipeline")})
    assert [step.what for step in plan_of(made, (), header(), 4, {}).steps] == ["pipeline"]

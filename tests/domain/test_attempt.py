import itertools

import pytest

from regrade.domain import (
    Attempt,
    Case,
    Grade,
    GraderFailure,
    GraderIdentity,
    GraderSpec,
    TargetFailure,
    Trace,
)


def spec(*, required: bool = True) -> GraderSpec:
    identity = GraderIdentity(type="t", version="1")
    return GraderSpec(
        name="g",
        criterion=None,
        component=None,
        required=required,
        identity=identity,
        identity_key=identity.key,
    )


def attempt(
    *passed: bool | None,
    broken: int = 0,
    error: bool = False,
    optional: tuple[bool | None, ...] = (),
) -> Attempt:
    grades = [Grade(each, spec=spec()) for each in passed]
    grades += [Grade(each, spec=spec(required=False)) for each in optional]
    failures = [GraderFailure(spec=spec(), error_type="E", message="m")] * broken
    failure = TargetFailure(kind="timeout", message="late") if error else None
    return Attempt(
        case=Case(input="a"),
        trace=Trace(error=failure),
        grades=tuple(grades),
        failures=tuple(failures),
    )


@pytest.mark.parametrize("grades", [*itertools.product([True, False, None], repeat=3)])
def test_one_pass_and_no_fail_is_a_pass(grades: tuple[bool | None, ...]) -> None:
    wanted = "failed" if False in grades else "passed" if True in grades else "ungraded"
    assert attempt(*grades).outcome == wanted


def test_a_failed_required_grade_is_never_outvoted() -> None:
    assert attempt(*[True] * 99, False).outcome == "failed"


def test_an_optional_grade_decides_nothing() -> None:
    assert attempt(True, optional=(False,)).outcome == "passed"
    assert attempt(optional=(True,)).outcome == "ungraded"


def test_a_broken_grader_is_neither_pass_nor_fail() -> None:
    assert attempt(True, broken=1).outcome == "ungraded"
    assert attempt(False, broken=1).outcome == "failed"
    assert attempt(broken=1).outcome == "ungraded"


def test_a_target_without_an_answer_fails() -> None:
    assert attempt(True, error=True).outcome == "failed"
    assert attempt(error=True, broken=1).outcome == "failed"

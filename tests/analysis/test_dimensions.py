from collections.abc import Sequence

from regrade.analysis import RunOutcomes, examine_items
from regrade.analysis.dimensions import confusions, dimensions
from regrade.domain import Attempt, Case, Grade, GraderFailure, GraderSpec, TargetFailure, Trace
from regrade.graders import json, one_of, pii, policy, refusal

JSON, LABEL, PII, RULES, REFUSAL = (
    json().spec,
    one_of(labels=["a", "b"], name="intent").spec,
    pii().spec,
    policy(categories={"x": ["y"], "z": ["w"]}).spec,
    refusal().spec,
)


def attempt(
    *grades: Grade, n: int = 0, failures: Sequence[GraderSpec] = (), error: bool = False
) -> Attempt:
    broken = tuple(GraderFailure(spec=spec, error_type="E", message="m") for spec in failures)
    failure = TargetFailure(kind="timeout", message="late") if error else None
    return Attempt(
        case=Case(id=f"c{n}", input="q"),
        trace=Trace(output="o", error=failure),
        grades=grades,
        failures=broken,
    )


def test_each_dimension_has_its_rate_and_unwanted_ones_count_what_was_found() -> None:
    found = dimensions(
        [
            attempt(Grade(True, spec=JSON), Grade(False, spec=PII), n=1),
            attempt(Grade(False, spec=JSON), Grade(True, spec=PII), n=2),
            attempt(Grade(None, spec=JSON), n=3, failures=[PII]),
        ]
    )
    assert list(found) == ["parse_success", "personal_data"]
    assert found["parse_success"].estimate.value == 0.5
    assert found["parse_success"].abstentions == 1
    assert found["personal_data"].estimate.value == 0.5
    assert found["personal_data"].grader_failures == 1


def test_disallowed_content_has_a_rate_by_category() -> None:
    found = dimensions(
        [
            attempt(Grade(False, label="x, z", spec=RULES), n=1),
            attempt(Grade(False, label="x", spec=RULES), n=2),
            attempt(Grade(True, spec=RULES), n=3),
            attempt(Grade(True, spec=RULES), n=4),
        ]
    )
    assert {name: rate.estimate.value for name, rate in found.items()} == {
        "disallowed_content": 0.5,
        "disallowed_content:x": 0.5,
        "disallowed_content:z": 0.25,
    }


def test_attempts_without_an_answer_say_nothing_of_content() -> None:
    assert dimensions([attempt(Grade(False, spec=JSON), error=True)]) == {}
    assert dimensions([attempt(Grade(None, spec=REFUSAL))]) == {}


def test_labels_are_counted_by_what_was_expected() -> None:
    grades = [("a", "a"), ("a", "b"), ("b", "b"), ("a", "a")]
    found = confusions(
        [
            attempt(Grade(e == g, label=g, expected=e, spec=LABEL), n=n)
            for n, (e, g) in enumerate(grades)
        ]
        + [attempt(Grade(True, label="only", spec=LABEL), n=9)]
    )
    assert found["intent"].labels == ("a", "b")
    assert found["intent"].counts == {("a", "a"): 2, ("a", "b"): 1, ("b", "b"): 1}


def runs(**versions: Sequence[dict[str, bool]]) -> list[RunOutcomes]:
    return [RunOutcomes(version, passed) for version, each in versions.items() for passed in each]


def test_cases_that_never_fail_are_known_after_three_runs() -> None:
    one = {"a": True, "b": False}
    assert examine_items(["a", "b"], runs(v1=[one, one])).never_failed == ()
    found = examine_items(["a", "b", "new"], runs(v1=[one, one, one]))
    assert found.never_failed == ("a",)
    assert (found.runs, found.versions) == (3, 1)


def test_cases_that_only_the_best_versions_fail_are_found() -> None:
    found = examine_items(
        ["odd", "fair"],
        runs(
            bad=[{"odd": True, "fair": False, "x": False, "y": False}],
            fine=[{"odd": True, "fair": False, "x": True, "y": False}],
            best=[{"odd": False, "fair": True, "x": True, "y": True}],
        ),
    )
    assert found.failed_by_the_best == ("odd",)
    assert (
        examine_items(["odd"], runs(a=[{"odd": False}], b=[{"odd": True}])).failed_by_the_best == ()
    )
    assert examine_items(["odd"], [RunOutcomes("a", {})]).versions == 0

from dataclasses import replace

from regrade.analysis.categories import failure_categories, masked_failures
from regrade.domain import Attempt, Case, Component, Grade, GraderSpec, TargetFailure, Trace
from regrade.graders import contains, one_of, recall_at_k, tool_calls

CALLS, TEXT, LABEL = (
    tool_calls().spec,
    contains(name="says it").spec,
    one_of(labels=["a", "b"]).spec,
)


def attempt(
    *grades: Grade, error: bool = False, modes: tuple[str, ...] = (), n: int = 0
) -> Attempt:
    failure = TargetFailure(kind="timeout", message="late") if error else None
    case = Case(id=f"c{n}", input="q", known_failure_modes=modes)
    return Attempt(case=case, trace=Trace(output="x", error=failure), grades=grades)


def test_failures_are_counted_by_what_their_graders_call_them() -> None:
    found = failure_categories(
        [
            attempt(Grade(False, label="wrong argument, extra call", spec=CALLS), n=1),
            attempt(
                Grade(False, label="wrong argument", spec=CALLS),
                Grade(False, spec=TEXT),
                modes=("typo",),
                n=2,
            ),
            attempt(Grade(False, label="b", expected="a", spec=LABEL), n=3),
            attempt(Grade(False, spec=TEXT), error=True, n=4),
            attempt(Grade(True, spec=TEXT), modes=("never",), n=5),
        ]
    )
    assert found == {
        "tool_calls: wrong argument": 2,
        "error: timeout": 1,
        "known: typo": 1,
        "one_of": 1,
        "says it": 1,
        "tool_calls: extra call": 1,
    }


def test_what_the_pipeline_made_up_for_is_counted() -> None:
    def optional(component: str) -> GraderSpec:
        return replace(recall_at_k(component=component).spec, required=False)

    passed = attempt(Grade(True, spec=TEXT), Grade(False, spec=optional("retrieval")))
    failed = attempt(Grade(False, spec=TEXT), Grade(False, spec=optional("parser")), n=1)
    components = [Component(name="retrieval"), Component(name="parser")]
    assert masked_failures([passed, failed], components) == {"retrieval": ("c0",)}

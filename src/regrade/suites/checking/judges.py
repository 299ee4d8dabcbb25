"""Judges where something cheaper proves as much."""

from collections.abc import Callable, Iterator, Sequence

from regrade.domain import Case, Grader, Suite
from regrade.graders.judge.judge import JudgeCheck

from .finding import Finding

SHORT = 4
"""Words up to which an expected answer can be looked for as it is."""


def cheaper_than_judges(suite: Suite) -> Iterator[Finding]:
    """Name the grader that is exact, costs nothing, and judges the same cases by their expectations."""
    for grader in _judges(suite.graders):
        covered = [case for case in suite.dataset.cases if grader.covers(case)]
        for wanted, has, cheaper in _RULES:
            number = sum(has(case) for case in covered)
            if number and wanted in (None, grader.rubric):
                yield Finding(
                    "warning",
                    f"the grader {grader.spec.name!r} asks a language model, and {number} of its {len(covered)} "
                    f"cases say what is right: `{cheaper}` proves that exactly, and costs nothing",
                )
                break


def _judges(graders: Sequence[Grader]) -> Iterator[JudgeCheck]:
    for grader in graders:
        if isinstance(grader, JudgeCheck):
            yield grader
        else:
            yield from _judges(getattr(grader, "graders", ()))


def _is_number(case: Case) -> bool:
    answer = case.expected.get("answer")
    if isinstance(answer, bool):
        return False
    if isinstance(answer, int | float):
        return True
    try:
        float(str(answer).replace(",", "").strip())
    except ValueError:
        return False
    return True


def _is_short(case: Case) -> bool:
    answer = case.expected.get("answer")
    return isinstance(answer, str) and 0 < len(answer.split()) <= SHORT


def _has_fields(case: Case) -> bool:
    return any(isinstance(value, dict | bool) for value in case.expected.values())


_RULES: tuple[tuple[str | None, Callable[[Case], bool], str], ...] = (
    ("tool_use", lambda case: bool(case.expected_tool_calls), "tool_calls"),
    ("trajectory", lambda case: bool(case.expected_tool_calls), "trajectory"),
    ("context_relevance", lambda case: bool(case.relevant_documents), "recall_at_k"),
    ("topics", lambda case: bool(case.expected_topics or case.disallowed_topics), "topics"),
    ("refusal_quality", lambda case: case.should_refuse is not None, "refusal"),
    ("correctness", _is_number, "number"),
    ("correctness", _has_fields, "fields"),
    ("correctness", _is_short, "contains"),
)
"""The rubric, what a case has, and the grader that does as well."""

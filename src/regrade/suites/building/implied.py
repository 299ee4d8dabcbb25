"""The graders that the cases' expectations imply, when a suite names none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from regrade.domain import Case, Grade, Grader, GraderSpec, Trace
from regrade.graders import (
    Check,
    contains,
    fields,
    mentions,
    number,
    recall_at_k,
    refusal,
    tool_calls,
    topics,
)

_KNOWN_KEYS = ("answer", "must_mention", "must_not_mention", "canaries")


@dataclass(frozen=True, slots=True)
class ForCases:
    """A grader that has to do with some cases only."""

    grader: Check
    """Who judges."""
    selects: Callable[[Case], bool]
    """Which cases."""

    @property
    def spec(self) -> GraderSpec:
        """The grader's own."""
        return self.grader.spec

    def covers(self, case: Case) -> bool:
        """Whether the case is one of them."""
        return self.selects(case)

    def lacks(self, case: Case) -> str | None:
        """What the grader lacks."""
        return self.grader.lacks(case)

    async def grade(self, case: Case, trace: Trace) -> Grade:
        """Have the grader judge."""
        return await self.grader.grade(case, trace)


def implied_graders(
    cases: Sequence[Case], criteria: Mapping[str, str], lexicon: Mapping[str, Sequence[str]]
) -> list[Grader]:
    """Give the graders that the expectations imply; each speaks for the criterion of its name, or
    for the only one.
    """
    only = next(iter(criteria)) if len(criteria) == 1 else None
    found: list[Grader] = []
    for grader, selects in (*_RULES, (topics(lexicon=lexicon), _has_topics)):
        if any(selects(case) for case in cases):
            criterion = grader.type if grader.type in criteria else only
            found.append(ForCases(replace(grader, criterion=criterion), selects))
    return found


def _has_answer(case: Case) -> bool:
    return case.expected.get("answer") is not None


def _is_number(case: Case) -> bool:
    answer = case.expected.get("answer")
    if isinstance(answer, bool):
        return False
    return isinstance(answer, int | float) or (isinstance(answer, str) and _reads_as_number(answer))


def _reads_as_number(text: str) -> bool:
    try:
        float(text.replace(",", "").strip().removesuffix("%").removeprefix("$"))
    except ValueError:
        return False
    return True


def _has_topics(case: Case) -> bool:
    return bool(case.expected_topics or case.disallowed_topics)


def _has_mentions(case: Case) -> bool:
    return bool(case.expected.get("must_mention") or case.expected.get("must_not_mention"))


def _has_fields(case: Case) -> bool:
    return any(key not in _KNOWN_KEYS for key in case.expected)


_RULES: tuple[tuple[Check, Callable[[Case], bool]], ...] = (
    (number(), lambda case: _has_answer(case) and _is_number(case)),
    (contains(), lambda case: _has_answer(case) and not _is_number(case)),
    (mentions(), _has_mentions),
    (fields(in_text=True, skip=_KNOWN_KEYS), _has_fields),
    (recall_at_k(), lambda case: bool(case.relevant_documents)),
    (tool_calls(), lambda case: bool(case.expected_tool_calls or case.forbidden_tool_calls)),
    (refusal(), lambda case: case.should_refuse is not None or case.kind == "missing_data"),
)

_UNGRADED: Mapping[str, Callable[[Case], bool]] = {
    "requires_context": lambda case: case.requires_context is not None,
}


def ungraded_expectations(cases: Sequence[Case]) -> Iterator[str]:
    """Name the expectations that no grader of this version speaks of by itself, with the number of
    their cases.
    """
    for words, has in _UNGRADED.items():
        if number_of := sum(map(has, cases)):
            yield f"{number_of} of {len(cases)} cases have {words}, for which this version has no implied grader"

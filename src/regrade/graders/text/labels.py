"""Labels: classification is judged by exact match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Trace, as_text
from regrade.graders.check import Check, Probe, filled, probe
from regrade.graders.wording import normalised, quoted

from .comparison import ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf(Check):
    """The answer is one label out of a closed set, and the right one: exact match for
    classification.

    Reads the output as text; capitals, spaces and a final full stop do not count. Label: the one
    answered; reports count them in a confusion matrix. An answer that is no label fails.
    Abstains without an expected label. Score: none.
    """

    type: ClassVar[str] = "one_of"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("Billing.", "pass", expected={"answer": "billing"}, labels=["billing", "other"]),
        probe("other", "fail", expected={"answer": "billing"}, labels=["billing", "other"]),
        probe("It is billing", "fail", expected={"answer": "billing"}, labels=["billing", "other"]),
        probe("billing", "abstain", labels=["billing", "other"]),
    )

    expected: Json = ANSWER
    """The right label: a value or a template."""
    labels: Sequence[str] = ()
    """All labels that the system may answer."""

    def __post_init__(self) -> None:
        if not self.labels:
            raise ValueError(
                "one_of needs `labels`: the list of all labels that the system may answer"
            )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the label."""
        expected = as_text(filled(self.expected, case, trace))
        by_spelling = {_label(label): label for label in self.labels}
        right = by_spelling.get(_label(expected))
        if right is None:
            raise ValueError(
                f"the expected label {expected!r} is not among the labels {list(self.labels)!r}"
            )
        answered = by_spelling.get(_label(trace.output_text))
        if answered is None:
            return Grade(
                False,
                f"The answer is none of the labels: {quoted(trace.output_text)}.",
                label="(none)",
                expected=right,
            )
        if answered == right:
            return Grade(
                True, f"The label is {quoted(right)}, as expected.", label=answered, expected=right
            )
        return Grade(
            False,
            f"The label is {quoted(answered)}, expected was {quoted(right)}.",
            label=answered,
            expected=right,
        )


def _label(text: str) -> str:
    return normalised(text, ignore_case=True).rstrip(".").strip("\"'` ")

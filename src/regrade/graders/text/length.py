"""Length: how much an answer says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from regrade.domain import NOT_CAPTURED, Case, Grade, Trace
from regrade.graders.check import Check, Probe

_CASE = Case(input="probe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Check):
    """The answer is neither too long nor too short.

    Reads the output as text. Words are runs without white space, so that scripts that write no
    spaces are measured in characters; sentences end with a full stop, question or exclamation mark,
    or their like in other scripts, before a space or the end; lines are those with anything on
    them. Never abstains on an output that was captured. Score: the length.
    """

    type: ClassVar[str] = "length"
    probes: ClassVar[tuple[Probe, ...]] = (
        Probe(
            case=_CASE,
            trace=Trace(output="one two\nthree"),
            gives="pass",
            options={"min": 3, "max": 3},
        ),
        Probe(
            case=_CASE, trace=Trace(output="one two three four"), gives="fail", options={"max": 3}
        ),
        Probe(case=_CASE, trace=Trace(output=""), gives="fail", options={"min": 1}),
        Probe(
            case=_CASE,
            trace=Trace(output="退款吧"),
            gives="pass",
            options={"max": 3, "unit": "characters"},
        ),
        Probe(
            case=_CASE,
            trace=Trace(output="It is 3.5. Is it?"),
            gives="pass",
            options={"max": 2, "unit": "sentences"},
        ),
        Probe(
            case=_CASE,
            trace=Trace(output="a\n\nb\n"),
            gives="pass",
            options={"min": 2, "max": 2, "unit": "lines"},
        ),
        Probe(case=_CASE, trace=Trace(output=NOT_CAPTURED), gives="abstain", options={"max": 3}),
    )

    min: int | None = None
    """The least length."""
    max: int | None = None
    """The greatest length."""
    unit: Literal["words", "characters", "sentences", "lines"] = "words"
    """What is counted."""

    def __post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise ValueError("length needs `min` or `max`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"no length is at least {self.min} and at most {self.max}")

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Measure the answer."""
        found = _COUNT[self.unit](trace.output_text)
        words = f"{found} {self.unit if found != 1 else self.unit.removesuffix('s')}"
        if self.min is not None and found < self.min:
            return Grade(False, f"The answer has {words}, fewer than {self.min}.", float(found))
        if self.max is not None and found > self.max:
            return Grade(False, f"The answer has {words}, more than {self.max}.", float(found))
        return Grade(True, f"The answer has {words}, as many as it may have.", float(found))


_SENTENCE_END = re.compile(r"[.!?…](?=[\s\"'”’)\]]|$)|[。！？｡]")


def _sentences(text: str) -> int:
    """Count ends of sentences, and a last sentence that has none."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    rest = text[ends[-1] if ends else 0 :].strip("\"'”’)] \t\r\n")
    return len(ends) + bool(rest)


_COUNT: Mapping[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "characters": len,
    "sentences": _sentences,
    "lines": lambda text: sum(bool(line.strip()) for line in text.splitlines()),
}

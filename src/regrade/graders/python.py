"""Graders that users write as functions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from regrade.callables import call as call_function, code_version, find_function
from regrade.domain import Case, Grade, GraderIdentity, Json, Trace

from .check import Check, Probe, probe

_PASS_LABELS = frozenset({"pass", "passed", "yes", "true", "correct"})
_FAIL_LABELS = frozenset({"fail", "failed", "no", "false", "incorrect"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Python(Check):
    """A function of yours judges: `(case, trace) -> bool | float | str | Grade | None`.

    It may be async, and may block: it runs where it holds up nobody. True and False decide; a
    number is a score and passes from `min` on; the texts pass, yes, true, correct and their
    opposites decide, any other text is a label and abstains; None abstains. An exception is a
    grader failure. Its identity holds the source of its module and of the modules of the same
    project that this imports. A function that carries a list named `probes` is tested by `check`.
    """

    type: ClassVar[str] = "python"
    costly: ClassVar[bool] = True
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("text", "pass", call=lambda case, trace: trace.output == "text"),
        probe("text", "fail", call=lambda case, trace: 0.4),
        probe("text", "pass", call=lambda case, trace: 0.4, min=0.3),
        probe("text", "fail", call=lambda case, trace: "no"),
        probe("text", "abstain", call=lambda case, trace: None),
    )

    call: str | Callable[..., Any] = field(metadata={"function": True})
    """`module:function`, or in Python the function itself."""
    min: float = 0.5
    """The score from which a number passes."""
    _function: list[Callable[..., Any]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        self._function.append(find_function(self.call) if isinstance(self.call, str) else self.call)

    def identity(self) -> GraderIdentity:
        """Hash the options and the code."""
        function = self._function[0]
        label = (
            self.call
            if isinstance(self.call, str)
            else getattr(function, "__qualname__", type(function).__name__)
        )
        options = {"call": label, "min": self.min, "not": self.not_}
        return GraderIdentity(
            type=self.type, version=self.version, options=options, code=code_version(function)
        )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Call the function and read what it returns."""
        return _read(await call_function(self._function[0], case, trace), self.min)

    def own_probes(self) -> Sequence[Probe]:
        """Give the probes that the function carries."""
        return tuple(getattr(self._function[0], "probes", ()))


def _read(returned: Json | Grade, minimum: float) -> Grade:
    """Make a grade of what a function returned.

    Raises: TypeError or ValueError, saying what it may return.
    """
    if isinstance(returned, Grade):
        return returned
    if returned is None:
        return Grade.abstained("The function returned None: it had nothing to judge by.")
    if isinstance(returned, bool):
        return Grade(
            returned, "The function returned True." if returned else "The function returned False."
        )
    if isinstance(returned, int | float):
        if not math.isfinite(returned):
            raise ValueError(f"the function returned {returned!r}, which is not a score")
        words = "at least" if returned >= minimum else "below"
        return Grade(
            returned >= minimum,
            f"The score is {returned:g}, {words} the {minimum:g} asked for.",
            float(returned),
        )
    if isinstance(returned, str):
        decides = {**dict.fromkeys(_PASS_LABELS, True), **dict.fromkeys(_FAIL_LABELS, False)}
        return Grade(
            decides.get(returned.strip().lower()),
            f"The function's label is {returned!r}.",
            label=returned,
        )
    kind = type(returned).__name__
    raise TypeError(
        f"the function returned a {kind}; it may return True, False, a number, a text, a Grade or None"
    )

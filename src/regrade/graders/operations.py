"""Graders of how an attempt went, whatever it answered."""

from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import NOT_CAPTURED, Case, Grade, TargetFailure, Trace
from regrade.domain.duration import read_duration, show_duration

from .check import Check, Probe

_CASE = Case(input="probe")
_ERROR = TargetFailure(kind="timeout", message="no answer after 60 s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Check):
    """The answer came in time.

    Reads the attempt's latency (of the last try, if there were several). An attempt that timed out
    fails; one whose latency is unknown, such as a recorded one, abstains. Score: seconds.
    """

    type: ClassVar[str] = "latency"
    reads_errors: ClassVar[bool] = True
    probes: ClassVar[tuple[Probe, ...]] = (
        Probe(
            case=_CASE, trace=Trace(output="x", latency_s=1.5), gives="pass", options={"max": "2s"}
        ),
        Probe(
            case=_CASE, trace=Trace(output="x", latency_s=2.5), gives="fail", options={"max": "2s"}
        ),
        Probe(case=_CASE, trace=Trace(output="x"), gives="abstain", options={"max": "2s"}),
        Probe(case=_CASE, trace=Trace(error=_ERROR), gives="fail", options={"max": "2s"}),
    )

    max: str | float
    """How long an answer may take, such as `2s`."""

    def __post_init__(self) -> None:
        read_duration(self.max)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the latency."""
        limit = read_duration(self.max)
        if trace.error is not None and trace.error.kind == "timeout":
            return Grade(False, f"There was no answer in time: {trace.error.message}.")
        if trace.latency_s is None:
            return Grade.abstained("It is not known how long the answer took.")
        holds = trace.latency_s <= limit
        words = "within" if holds else "more than"
        took = show_duration(trace.latency_s)
        return Grade(
            holds,
            f"The answer took {took}, {words} the allowed {show_duration(limit)}.",
            trace.latency_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoError(Check):
    """The system answered at all.

    Reads the attempt's error: an exception, a timeout, a broken connection. Never abstains. Score:
    none.
    """

    type: ClassVar[str] = "no_error"
    reads_errors: ClassVar[bool] = True
    probes: ClassVar[tuple[Probe, ...]] = (
        Probe(case=_CASE, trace=Trace(output=""), gives="pass"),
        Probe(case=_CASE, trace=Trace(output=NOT_CAPTURED), gives="pass"),
        Probe(case=_CASE, trace=Trace(error=_ERROR), gives="fail"),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for an error."""
        if trace.error is None:
            return Grade(True, "The system answered without an error.")
        return Grade(False, f"The system failed ({trace.error.kind}): {trace.error.message}.")

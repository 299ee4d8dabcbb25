"""Graders of how an attempt went, whatever it answered."""

from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import NOT_CAPTURED, Case, Grade, TargetFailure, Trace, Usage
from regrade.domain.duration import read_duration, show_duration

from .check import Check, Probe

_CASE = Case(input="probe")


def _used(
    *,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cost_usd: float | None = None,
) -> Trace:
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cost_usd=cost_usd)
    return Trace(output="x", usage=usage)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Check):
    """The answer cost no more than allowed.

    Reads the attempt's usage. An attempt whose cost is unknown abstains: unknown is not zero.
    Score: US dollars.
    """

    type: ClassVar[str] = "cost"
    probes: ClassVar[tuple[Probe, ...]] = (
        Probe(case=_CASE, trace=_used(cost_usd=0.01), gives="pass", options={"max": 0.02}),
        Probe(case=_CASE, trace=_used(cost_usd=0.03), gives="fail", options={"max": 0.02}),
        Probe(case=_CASE, trace=_used(input_tokens=9), gives="abstain", options={"max": 0.02}),
        Probe(case=_CASE, trace=Trace(output="x"), gives="abstain", options={"max": 0.02}),
    )

    max: float
    """US dollars that an answer may cost."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the cost."""
        cost = None if trace.usage is None else trace.usage.cost_usd
        if cost is None:
            return Grade.abstained("It is not known what the answer cost.")
        words = "within" if cost <= self.max else "more than"
        reason = f"The answer cost ${cost:.6g}, {words} the allowed ${self.max:.6g}."
        return Grade(cost <= self.max, reason, cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Check):
    """The answer took no more tokens than allowed.

    Reads the attempt's usage: tokens sent and received together. An attempt whose tokens are
    unknown abstains. Score: tokens.
    """

    type: ClassVar[str] = "tokens"
    probes: ClassVar[tuple[Probe, ...]] = (
        Probe(
            case=_CASE,
            trace=_used(input_tokens=60, output_tokens=40),
            gives="pass",
            options={"max": 100},
        ),
        Probe(
            case=_CASE,
            trace=_used(input_tokens=61, output_tokens=40),
            gives="fail",
            options={"max": 100},
        ),
        Probe(case=_CASE, trace=_used(cost_usd=1.0), gives="abstain", options={"max": 100}),
    )

    max: int
    """Tokens that an answer may take."""

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the tokens."""
        tokens = None if trace.usage is None else trace.usage.tokens
        if tokens is None:
            return Grade.abstained("It is not known how many tokens the answer took.")
        words = "within" if tokens <= self.max else "more than"
        reason = f"The answer took {tokens:,} tokens, {words} the allowed {self.max:,}."
        return Grade(tokens <= self.max, reason, float(tokens))

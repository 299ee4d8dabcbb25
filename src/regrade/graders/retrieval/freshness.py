"""Whether what a system used was not too old."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from regrade.domain import Case, Document, Grade, Json, ToolCall, Trace
from regrade.domain.duration import read_duration
from regrade.graders.check import Check, Probe, ProbeOutcome

_NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def _probe(
    path: str, gives: ProbeOutcome, at: Json = "2026-05-03T11:30:00Z", max_age: str = "1h"
) -> Probe:
    trace = Trace(
        output="x",
        started_at=_NOON,
        retrieved=(Document(id="d", metadata={"updated": at}),),
        tool_calls=(ToolCall(name="stock", result={"as_of": at}),),
    )
    return Probe(
        case=Case(input="probe"),
        trace=trace,
        gives=gives,
        options={"path": path, "max_age": max_age},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh(Check):
    """The documents and tool results that the system used were not too old.

    Reads the time at `path` in the trace, ISO 8601 or seconds since 1970; a time without a zone is
    UTC. `*` in the path stands for every item of a list; each must be fresh, at the moment when the
    attempt began. A time in the future is fresh. Abstains when nothing stands at the path, or it is
    not known when the attempt began. Score: the greatest age in seconds.
    """

    type: ClassVar[str] = "fresh"
    reads_output: ClassVar[bool] = False
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("retrieved.*.metadata.updated", "pass"),
        _probe("retrieved.0.metadata.updated", "fail", max_age="10m"),
        _probe("tool_calls.*.result.as_of", "pass", at=1777806000),
        _probe("tool_calls.*.result.nothing", "abstain"),
    )

    path: str
    """Where the time stands: `retrieved.*.metadata.updated_at`, `tool_calls.0.result.as_of`."""
    max_age: str | float
    """How old it may be, such as `15m` or `30d`."""

    def __post_init__(self) -> None:
        read_duration(self.max_age)
        if self.path.split(".")[0] not in ("retrieved", "tool_calls", "metadata"):
            raise ValueError(
                f"`path` is {self.path!r}; it begins with retrieved, tool_calls or metadata"
            )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare each time with the beginning of the attempt."""
        found = [*_at(_parts(trace), self.path.split("."), "")]
        if not found or trace.started_at is None:
            return Grade.abstained(
                f"There is no time at {self.path}."
                if not found
                else "It is not known when the attempt began."
            )
        limit = timedelta(seconds=read_duration(self.max_age))
        ages = {where: trace.started_at - _time(value, where) for where, value in found}
        oldest = max(ages, key=ages.__getitem__)
        old = tuple(f"{where} was {_shown(age)} old" for where, age in ages.items() if age > limit)
        score = ages[oldest].total_seconds()
        if old:
            return Grade(
                False,
                f"What was used was too old: {old[0]}, more than {self.max_age}.",
                score,
                issues=old,
            )
        return Grade(True, f"What was used was fresh: at most {_shown(ages[oldest])} old.", score)


def _parts(trace: Trace) -> Json:
    return {
        "retrieved": [
            {"id": d.id, "score": d.score, "metadata": dict(d.metadata)}
            for d in trace.retrieved or ()
        ],
        "tool_calls": [
            {"name": c.name, "arguments": c.arguments, "result": c.result}
            for c in trace.tool_calls or ()
        ],
        "metadata": dict(trace.metadata),
    }


def _at(value: Json, steps: list[str], where: str) -> Iterator[tuple[str, Json]]:
    if not steps:
        if value is not None:
            yield where, value
        return
    step, *rest = steps
    if isinstance(value, list) and (step == "*" or step.isdigit()):
        places = range(len(value)) if step == "*" else [int(step)]
        for place in places:
            if place < len(value):
                yield from _at(value[place], rest, f"{where}.{place}".lstrip("."))
    elif isinstance(value, Mapping) and step in value:
        yield from _at(value[step], rest, f"{where}.{step}".lstrip("."))


def _time(value: Json, where: str) -> datetime:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{where} is {value!r}, which is no time; write ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _shown(age: timedelta) -> str:
    seconds = max(age.total_seconds(), 0.0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"

"""Runs made of outcomes, to be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from regrade.analysis import summarize
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Grade,
    GraderSpec,
    Run,
    RunHeader,
    SuiteOutline,
    Trace,
    Usage,
)
from regrade.graders import contains

COMPONENTS = (Component(name="retrieval"), Component(name="generation"))
WHOLE = contains(criterion="right").spec
PARTS = {
    c.name: contains(criterion="right", component=c.name, name=c.name).spec for c in COMPONENTS
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def case(n: int, **more: object) -> Case:
    tags = {"topic": "abc"[n % 3], "level": "hard" if n % 4 == 0 else "easy"}
    return Case(**{"id": f"c{n}", "input": n, "tags": tags, **more})  # type: ignore[arg-type]  # fields of a case


def run(
    outcomes: Sequence[tuple[Case, Sequence[bool | None]]],
    run_id: str = "a",
    *,
    spec: GraderSpec = WHOLE,
    latency_s: float | None = 1.0,
    cost: float | None = None,
    begins_s: float = 0,
    failing: Mapping[str, str] | None = None,
    **header: object,
) -> Run:
    """Make a run of each case's outcomes by trial; `failing` names the component that fails a case."""
    attempts = []
    for at, (each, trials) in enumerate(outcomes):
        for trial, passed in enumerate(trials):
            grades = [Grade(passed, "It is so.", spec=spec)]
            if failing is not None:
                grades += [
                    Grade(failing.get(each.id) != name, spec=part) for name, part in PARTS.items()
                ]
            trace = Trace(
                output=f"answer {run_id} {each.id}",
                latency_s=None if latency_s is None else latency_s * (1 + 0.1 * (at % 5)),
                usage=None if cost is None else Usage(cost_usd=cost * (1 + at % 3)),
                started_at=START + timedelta(seconds=begins_s + at),
            )
            attempts.append(Attempt(case=each, trial=trial, trace=trace, grades=tuple(grades)))
    dataset = Dataset.of(tuple(each for each, _ in outcomes))
    outline = SuiteOutline(
        name="s",
        objective="o",
        criteria={"right": "It is right."},
        components=COMPONENTS if failing is not None else (),
    )
    made = RunHeader(
        run_id=run_id,
        suite=outline,
        suite_version="v",
        dataset_version=dataset.version,
        target_version=f"t-{run_id}",
        trials=max((len(trials) for _, trials in outcomes), default=1),
        planned=sum(len(trials) for _, trials in outcomes),
        started_at=START + timedelta(seconds=begins_s),
    )
    made = replace(made, **header)  # type: ignore[arg-type]  # fields of a header
    return Run(header=made, dataset=dataset, attempts=attempts, summary=summarize(made, attempts))


def of(bits: Sequence[bool | None], run_id: str = "a", **more: object) -> Run:
    """Make a run of one trial a case."""
    return run([(case(n), [bit]) for n, bit in enumerate(bits)], run_id, **more)  # type: ignore[arg-type]  # options

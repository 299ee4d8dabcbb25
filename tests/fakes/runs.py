"""A run with every outcome in it, and with texts that would break a careless report."""

from datetime import UTC, datetime

from regrade.analysis import summarize
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Grade,
    GraderFailure,
    Run,
    RunHeader,
    SuiteOutline,
    TargetFailure,
    Trace,
    Usage,
)
from regrade.graders import contains, no_error, one_of, policy

RIGHT, ALIVE = (
    contains(criterion="right", component="answerer").spec,
    no_error(criterion="alive").spec,
)


def make_run() -> Run:
    cases = tuple(
        Case(
            id=f"case-{n}",
            input=f"What is [bold]{n}[/bold]? \x1b[31m",
            tags={"topic": "ab"[n % 2]},
            critical=n == 0,
        )
        for n in range(8)
    )

    def attempt(n: int) -> Attempt:
        if n == 6:
            error = TargetFailure(
                kind="timeout", message="no answer within 60 s", traceback="Traceback …"
            )
            return Attempt(
                case=cases[n], trace=Trace(error=error), grades=(Grade(False, "No.", spec=ALIVE),)
            )
        trace = Trace(
            output=f"answer {n} \x1b[2J",
            latency_s=0.1 * n,
            usage=Usage(input_tokens=10, cost_usd=0.01),
        )
        passed = None if n == 5 else n > 1
        broken = GraderFailure(spec=RIGHT, error_type="RuntimeError", message="bad", traceback="tb")
        return Attempt(
            case=cases[n],
            trace=trace,
            grades=(Grade(passed, "Because [red]so[/red].", spec=RIGHT, issues=("one",)),),
            failures=(broken,) if n == 5 else (),
        )

    attempts = [attempt(n) for n in range(7)]
    outline = SuiteOutline(
        name="s",
        objective="Answer.",
        criteria={"right": "x", "alive": "y"},
        components=(Component(name="answerer"),),
    )
    header = RunHeader(
        run_id="20260101-000000-abcd",
        suite=outline,
        suite_version="v",
        dataset_version="d",
        target_version="t",
        trials=1,
        planned=8,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        label="before",
    )
    return Run(
        header=header,
        dataset=Dataset.of(cases),
        attempts=attempts,
        summary=summarize(header, attempts),
    )


HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1> \u2028 \u202e \x00 \ud800 "
    "{{ 7*7 }} | `x` @everyone https://evil.example [a](javascript:alert(1)) ]]> & \x1b]0;t\x07"
)


def hostile_run(attempts: int = 3, *, words: int = 1) -> Run:
    """A run whose every text tries to be more than text; as large as asked for."""
    label = one_of(labels=["a", "b"], criterion="right").spec
    rules = policy(categories={"x": ["y"]}, criterion="right").spec
    cases = tuple(
        Case(id=f"{HOSTILE} {n}", input=HOSTILE * words, tags={HOSTILE: HOSTILE}, kind="edge")
        for n in range(attempts)
    )
    made = [
        Attempt(
            case=case,
            trace=Trace(output={"a": HOSTILE * words}, latency_s=0.5, usage=Usage(cost_usd=0.1)),
            grades=(
                Grade(
                    n % 2 == 0,
                    HOSTILE,
                    label="ab"[n % 2],
                    issues=(HOSTILE,),
                    spec=label,
                    expected="a",
                ),
                Grade(n % 3 != 0, HOSTILE, label=None if n % 3 else "x", spec=rules),
            ),
        )
        for n, case in enumerate(cases)
    ]
    header = RunHeader(
        run_id="20260101-000000-abcd",
        suite=SuiteOutline(name="hostile", objective=HOSTILE, criteria={"right": HOSTILE}),
        suite_version="v",
        dataset_version="d",
        target_version=HOSTILE,
        trials=1,
        planned=attempts,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        label=HOSTILE,
        status="finished",
    )
    return Run(
        header=header, dataset=Dataset(cases, "d"), attempts=made, summary=summarize(header, made)
    )

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from regrade.analysis import NO_COMPONENT, summarize
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Grade,
    GraderFailure,
    GraderIdentity,
    GraderSpec,
    RunHeader,
    SuiteOutline,
    TargetFailure,
    Trace,
    Usage,
)
from regrade.stats import wilson


def spec(
    criterion: str | None = "c", component: str | None = None, *, required: bool = True
) -> GraderSpec:
    identity = GraderIdentity(type="t", version="1")
    return GraderSpec(
        name=f"{criterion}-{component}",
        criterion=criterion,
        component=component,
        required=required,
        identity=identity,
        identity_key=identity.key,
    )


def header(
    planned: int, components: tuple[str, ...] = (), slices: tuple[str, ...] | None = None
) -> RunHeader:
    outline = SuiteOutline(
        name="s",
        objective="o",
        criteria={"c": "good", "d": "better"},
        components=tuple(Component(name=name) for name in components),
        slices=slices,
    )
    return RunHeader(
        run_id="r",
        suite=outline,
        suite_version="v",
        dataset_version="d",
        target_version="t",
        trials=1,
        planned=planned,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def attempt(
    name: str,
    passed: bool | None,
    *,
    trial: int = 0,
    cluster: str | None = None,
    latency_s: float | None = None,
    **tags: str,
) -> Attempt:
    return Attempt(
        case=Case(id=name, input=name, tags=tags, cluster=cluster),
        trial=trial,
        trace=Trace(output="x", latency_s=latency_s),
        grades=(Grade(passed, "why", spec=spec()),),
    )


@given(st.lists(st.sampled_from([True, False, None]), max_size=60), st.integers(0, 5))
def test_the_counts_add_up(outcomes: list[bool | None], left: int) -> None:
    attempts = [attempt(str(i), passed) for i, passed in enumerate(outcomes)]
    summary = summarize(header(len(attempts) + left), attempts)
    assert summary.attempts == summary.passed + summary.failed + summary.ungraded + summary.not_run
    assert summary.not_run == left
    assert summary.pass_rate.n == summary.passed + summary.failed
    assert len(summary.failures) == summary.failed


def test_without_data_there_is_no_number() -> None:
    summary = summarize(header(3), [])
    assert summary.pass_rate.value is None
    assert summary.operations.latency_p50.value is None
    assert summary.operations.cost_usd is None
    assert summary.is_valid


def test_independent_cases_get_wilsons_interval() -> None:
    summary = summarize(header(4), [attempt(str(i), i > 0) for i in range(4)])
    assert (summary.pass_rate.low, summary.pass_rate.high) == wilson(3, 4)
    assert summary.pass_rate.method == "wilson"


def test_trials_and_clusters_are_not_independent() -> None:
    trials = [attempt(str(i), i < 8, trial=t) for i in range(10) for t in range(5)]
    clustered = [attempt(f"{i}-{t}", i < 8, cluster=str(i)) for i in range(10) for t in range(5)]
    independent = [attempt(f"{i}-{t}", i < 8) for i in range(10) for t in range(5)]
    by_trials, by_cluster, plain = (
        summarize(header(50), each).pass_rate for each in (trials, clustered, independent)
    )
    assert by_trials.clusters == by_cluster.clusters == 10
    assert (by_trials.low, by_trials.high) == (by_cluster.low, by_cluster.high)
    assert by_trials.method == "bounded_mean_ci"
    assert by_trials.low is not None
    assert plain.low is not None
    assert by_trials.low < plain.low


def test_a_criterion_is_judged_by_all_its_graders_and_broken_ones_are_apart() -> None:
    def graded(*passed: bool | None, broken: bool = False) -> Attempt:
        return Attempt(
            case=Case(input=repr((passed, broken))),
            trace=Trace(output="x"),
            grades=tuple(Grade(each, spec=spec()) for each in passed),
            failures=(GraderFailure(spec=spec(), error_type="E", message="m"),) if broken else (),
        )

    attempts = [
        graded(True, True),
        graded(True, False),
        graded(None),
        graded(True, broken=True),
        graded(False, broken=True),
    ]
    rate = summarize(header(5), attempts).criteria["c"]
    assert rate.estimate.value == pytest.approx(1 / 3)
    assert rate.estimate.n == 3
    assert (rate.abstentions, rate.grader_failures) == (1, 2)
    assert summarize(header(5), attempts).criteria["d"].estimate.value is None


def test_many_ungraded_attempts_leave_bounds() -> None:
    attempts = [attempt(str(i), True if i < 6 else None) for i in range(10)]
    assert summarize(header(10), attempts).worst_case == (0.6, 1.0)
    assert summarize(header(6), attempts[:6]).worst_case is None


def test_slices_are_tags_kind_and_difficulty_with_few_values() -> None:
    attempts = [attempt(str(i), True, user=str(i), topic="a" if i % 2 else "b") for i in range(30)]
    summary = summarize(header(30), attempts)
    assert set(summary.slices) == {"topic"}
    assert summary.slices["topic"]["a"].n == 15
    chosen = summarize(header(30, slices=("user",)), attempts)
    assert list(chosen.slices) == ["user"]
    assert list(chosen.slices["user"])[:3] == ["0", "1", "2"]


def test_first_failures_add_up_to_the_failure_rate() -> None:
    def graded(name: str, retrieval: bool, generation: bool, whole: bool) -> Attempt:
        specs = (
            spec(None, "retrieval", required=False),
            spec(None, "generation", required=False),
            spec(),
        )
        verdicts = zip((retrieval, generation, whole), specs, strict=True)
        return Attempt(
            case=Case(id=name, input=name),
            trace=Trace(output="x"),
            grades=tuple(Grade(v, spec=s) for v, s in verdicts),
        )

    attempts = [
        graded("a", True, True, True),
        graded("b", False, False, False),
        graded("c", True, False, False),
        graded("d", True, True, False),
        graded("e", False, True, True),
    ]
    summary = summarize(header(5, ("retrieval", "generation")), attempts)
    shares = {name: share.value for name, share in summary.attribution.items()}
    assert shares == {"retrieval": 0.2, "generation": 0.2, NO_COMPONENT: 0.2}
    assert summary.components["retrieval"].estimate.value == 0.6


def test_operations_are_of_answers_and_unknown_is_not_zero() -> None:
    attempts = [attempt(str(i), True, latency_s=i / 100) for i in range(1, 101)]
    late = Attempt(
        case=Case(input="late"),
        trace=Trace(
            latency_s=60,
            error=TargetFailure(kind="timeout", message="late"),
            usage=Usage(cost_usd=0.25),
        ),
    )
    operations = summarize(header(101), [*attempts, late]).operations
    assert operations.latency_p50.value == pytest.approx(0.505)
    assert operations.latency_p95.high is not None
    assert operations.latency_p50.n == 100
    assert (operations.cost_usd, operations.tokens) == (0.25, None)


def test_a_run_that_mostly_broke_is_not_valid() -> None:
    broken = Attempt(
        case=Case(input="b"), trace=Trace(error=TargetFailure(kind="transport", message="down"))
    )
    attempts = [attempt(str(i), True) for i in range(10)]
    assert summarize(header(11), [*attempts, broken]).invalid_share == pytest.approx(1 / 11)
    assert not summarize(header(11), [*attempts, broken]).is_valid
    wrong = Attempt(
        case=Case(input="b"), trace=Trace(error=TargetFailure(kind="exception", message="bug"))
    )
    assert summarize(header(11), [*attempts, wrong]).is_valid


def test_critical_failures_come_first() -> None:
    plain = attempt("a", False)
    critical = Attempt(
        case=Case(id="z", input="z", critical=True),
        trace=Trace(output="x"),
        grades=(Grade(False, spec=spec()),),
    )
    assert [a.case.id for a in summarize(header(2), [plain, critical]).failures] == ["z", "a"]

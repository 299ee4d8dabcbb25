import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import anyio
import pytest

from regrade.domain import Attempt, Case, Grade, Grader, Response, RunSettings, Target, Trace, Usage
from regrade.domain.errors import TargetError, TransientError
from regrade.graders import contains, equals, latency, no_error, python
from regrade.runner import Engine, regrading, stratified_order
from regrade.targets import PythonTarget
from tests.fakes.memory_cache import MemoryCache
from tests.fakes.targets import FakeTarget, echo

pytestmark = pytest.mark.anyio
CASES = [Case(id=f"c{i}", input=f"say {i}", expected={"answer": str(i)}) for i in range(20)]
QUICK = RunSettings(timeout_s=5, retries=2)


async def run(engine: Engine, cases: Sequence[Case] = CASES, trials: int = 1) -> list[Attempt]:
    made: list[Attempt] = []
    async with engine.running(stratified_order(cases, trials, 0)) as batches:
        async for batch in batches:
            made += batch
    return made


def engine(
    target: Target,
    *graders: Grader,
    settings: RunSettings = QUICK,
    cache: MemoryCache | None = None,
) -> Engine:
    return Engine(target=target, graders=graders or (contains(),), settings=settings, cache=cache)


async def test_every_case_becomes_an_attempt() -> None:
    made = await run(engine(echo()), trials=2)
    assert len(made) == 40
    assert {attempt.outcome for attempt in made} == {"passed"}
    first = made[0]
    assert first.trace.started_at is not None
    assert first.trace.latency_s is not None
    assert first.grades[0].spec is not None


async def test_errors_cost_their_own_attempt() -> None:
    def answer(input: str) -> object:
        number = int(input.split()[1])
        if number == 1:
            raise ValueError("mine")
        if number == 2:
            raise SystemExit(1)
        if number == 3:
            return object()
        if number == 4:
            time.sleep(6)
        print("noise")
        return input

    made = await run(
        engine(PythonTarget(answer), contains(), no_error(), settings=replace(QUICK, timeout_s=2))
    )
    errors = {a.case.id: a.trace.error for a in made if a.trace.error}
    assert {case_id: error.kind for case_id, error in errors.items()} == {
        "c1": "exception",
        "c2": "crash",
        "c3": "garbage",
        "c4": "timeout",
    }
    assert "ValueError: mine" in errors["c1"].message
    assert "asking.py" not in errors["c1"].traceback
    assert all(a.outcome == "failed" for a in made if a.trace.error)
    assert sum(a.outcome == "passed" for a in made) == 16


async def test_an_attempt_without_an_answer_fails_what_could_have_been_judged() -> None:
    def refuse(case: Case) -> Response:
        raise TargetError("down", kind="transport")

    case = Case(id="x", input="q", expected={"answer": "a"})
    graders = (
        contains(),
        contains(expected="{{ expected.other }}", name="other"),
        no_error(),
        latency(max="1s"),
    )
    [attempt] = await run(engine(FakeTarget(refuse), *graders), [case])
    by_name = {grade.spec.name: grade.passed for grade in attempt.grades if grade.spec}
    assert by_name == {"contains": False, "other": None, "no_error": False, "latency": True}


async def test_transient_errors_are_tried_again_and_others_are_not() -> None:
    tries: dict[str, int] = {}

    def answer(case: Case) -> Response:
        tries[case.id] = tries.get(case.id, 0) + 1
        if case.id == "c1" and tries["c1"] < 3:
            raise TransientError("broken pipe", retry_after_s=0.01)
        if case.id == "c2":
            raise TransientError("always", retry_after_s=0.01)
        if case.id == "c3":
            raise TargetError("no")
        return Response(case.input)

    made = {a.case.id: a for a in await run(engine(FakeTarget(answer)), CASES[:4])}
    assert (made["c1"].outcome, made["c1"].trace.tries) == ("passed", 3)
    assert made["c2"].trace.error is not None
    assert (made["c2"].trace.error.kind, made["c2"].trace.tries) == ("transport", 3)
    assert tries["c3"] == 1


async def test_refusals_slow_the_run_down_and_do_not_fail_it() -> None:
    refused = 0

    def answer(case: Case) -> Response:
        nonlocal refused
        if refused < 6:
            refused += 1
            raise TransientError("429", kind="http", retry_after_s=0.02, limited=True)
        return Response(case.input)

    running = engine(FakeTarget(answer))
    made = await run(running)
    assert all(a.outcome == "passed" for a in made)
    assert running.refusals == 6


async def test_a_timeout_of_the_systems_own_is_its_exception() -> None:
    def answer(input: str) -> str:
        raise TimeoutError("database")

    [attempt] = await run(engine(PythonTarget(answer)), CASES[:1])
    assert attempt.trace.error is not None
    assert attempt.trace.error.kind == "exception"


async def test_a_broken_grader_is_a_failure_with_its_traceback() -> None:
    def broken(case: Case, trace: Trace) -> bool:
        raise RuntimeError("bad judge")

    [attempt] = await run(engine(echo(), contains(), python(call=broken)), CASES[:1])
    assert attempt.outcome == "ungraded"
    [failure] = attempt.failures
    assert (failure.error_type, failure.message) == ("RuntimeError", "bad judge")
    assert "def broken" not in failure.traceback
    assert "broken" in failure.traceback


async def test_the_budget_ends_the_run_and_what_is_in_flight_is_not_run() -> None:
    async def slow(input: str) -> str:
        await asyncio.sleep(0.1)
        return input

    running = engine(PythonTarget(slow), settings=replace(QUICK, budget_s=0.35, concurrency=2))
    began = time.perf_counter()
    made = await run(running)
    assert time.perf_counter() - began < 5
    assert len(made) <= 8
    assert running.stopped_by == "budget"


async def test_the_cost_limit_ends_the_run() -> None:
    target = FakeTarget(lambda case: Response(case.input, usage=Usage(cost_usd=0.5)))
    running = engine(target, settings=replace(QUICK, max_cost_usd=2.0, concurrency=1))
    assert len(await run(running)) == 4
    assert running.stopped_by == "max_cost"


async def test_what_waits_is_named() -> None:
    async def hangs(input: str) -> str:
        await asyncio.sleep(0.5)
        return input

    running = engine(PythonTarget(hangs))
    named: set[tuple[str, str]] = set()
    async with running.running(stratified_order(CASES[:1], 1, 0)) as batches:
        async for _ in batches:
            named |= {(waiting.work.case.id, waiting.stage) for waiting in running.stuck(0.1)}
    assert named == {("c0", "target")}
    assert running.stuck(0) == []


async def test_leaving_early_keeps_what_was_finished() -> None:
    async def slow(input: str) -> str:
        await asyncio.sleep(0.01 if input == "say 0" else 30)
        return input

    with anyio.fail_after(5):
        async with engine(PythonTarget(slow)).running(stratified_order(CASES[:3], 1, 0)) as batches:
            await anyio.sleep(0.3)
            assert [attempt.case.id for attempt in batches.take()] == ["c0"]


async def test_grades_of_costly_graders_are_looked_up_and_misses_say_why() -> None:
    calls: list[str] = []

    def judge(case: Case, trace: Trace) -> bool:
        calls.append(case.id)
        return True

    cache = MemoryCache()
    for expected_calls, hits in ((5, 0), (5, 5)):
        running = engine(echo(), python(call=judge, name="j"), equals(), cache=cache)
        await run(running, CASES[:5])
        assert len(calls) == expected_calls
        assert running.grades is not None
        assert running.grades.hits == hits
    stricter = engine(echo(), python(call=judge, name="j", min=0.9), cache=cache)
    await run(stricter, CASES[:5])
    other = FakeTarget(lambda case: Response("other"))
    changed = engine(other, python(call=judge, name="j", min=0.9), cache=cache)
    await run(changed, CASES[:5])
    assert changed.grades is not None
    assert stricter.grades is not None
    assert changed.grades.misses == {"the answer changed": 5}
    assert stricter.grades.misses == {"the grader's options changed": 5}


async def test_answers_are_cached_only_when_asked_for() -> None:
    cache, target = MemoryCache(), echo()
    await run(engine(target, cache=cache), CASES[:3])
    await run(engine(target, cache=cache), CASES[:3])
    assert len(target.asked) == 6
    caching = replace(QUICK, cache_answers=True)
    await run(engine(target, settings=caching, cache=cache), CASES[:3])
    again = engine(target, settings=caching, cache=cache)
    made = await run(again, CASES[:3])
    assert len(target.asked) == 9
    assert again.answers is not None
    assert again.answers.hits == 3
    assert {a.outcome for a in made} == {"passed"}
    newer = engine(
        FakeTarget(lambda case: Response("new"), "fake-2"), settings=caching, cache=cache
    )
    await run(newer, CASES[:3])
    assert newer.answers is not None
    assert newer.answers.misses == {"the target changed": 3}


async def test_errors_are_never_cached() -> None:
    cache, fail = MemoryCache(), [True]

    def answer(case: Case) -> Response:
        if fail[0]:
            raise TargetError("down")
        return Response(case.input)

    caching = replace(QUICK, cache_answers=True)
    await run(engine(FakeTarget(answer), settings=caching, cache=cache), CASES[:1])
    fail[0] = False
    [attempt] = await run(engine(FakeTarget(answer), settings=caching, cache=cache), CASES[:1])
    assert attempt.outcome == "passed"


async def test_stored_attempts_are_judged_again_without_the_target() -> None:
    made = await run(engine(echo(), contains(expected="nothing like it")), CASES[:5])
    assert {a.outcome for a in made} == {"failed"}
    again: list[Attempt] = []
    async with regrading(made, [contains()], concurrency=4, cache=None) as judged:
        async for batch in judged.batches:
            again += batch
    assert {a.outcome for a in again} == {"passed"}
    assert sorted(str(a.trace.output) for a in again) == sorted(str(a.trace.output) for a in made)


async def test_a_grader_that_never_comes_back_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regrade.runner.grading.GRADER_TIMEOUT_S", 0.2)

    async def hangs(case: Case, trace: Trace) -> bool:
        await asyncio.sleep(60)
        return True

    [attempt] = await run(engine(echo(), python(call=hangs)), CASES[:1])
    assert attempt.failures[0].error_type == "TimeoutError"
    assert attempt.grades == ()


async def test_work_that_never_waits_is_handed_over_whole() -> None:
    many = [Case(id=f"m{i}", input="x", expected={"answer": "x"}) for i in range(5000)]
    assert len(await run(engine(echo()), many)) == 5000


def test_a_grade_is_not_equal_by_its_grader() -> None:
    assert Grade(True, "r") == Grade(True, "r").by(contains().spec)


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


async def test_an_error_that_cannot_be_shown_costs_one_attempt() -> None:
    def answer(input: str) -> str:
        raise UnspeakableError

    def judge(case: Case, trace: Trace) -> bool:
        raise UnspeakableError

    [attempt] = await run(engine(PythonTarget(answer)), CASES[:1])
    assert attempt.trace.error is not None
    assert (
        attempt.trace.error.message == "UnspeakableError: <a UnspeakableError that cannot be shown>"
    )
    [other] = await run(engine(echo(), python(call=judge)), CASES[:1])
    assert other.failures[0].message == "<a UnspeakableError that cannot be shown>"


@pytest.mark.parametrize(
    "grade",
    [
        Grade(1),  # type: ignore[arg-type]  # what users may do
        Grade(True, None),  # type: ignore[arg-type]  # what users may do
        Grade(True, score=float("nan")),
        Grade(True, label=7),  # type: ignore[arg-type]  # what users may do
        Grade(True, issues=(1,)),  # type: ignore[arg-type]  # what users may do
    ],
)
async def test_a_grade_that_no_grade_can_be_is_the_graders_failure(grade: Grade) -> None:
    [attempt] = await run(engine(echo(), python(call=lambda case, trace: grade)), CASES[:1])
    assert attempt.grades == ()
    assert attempt.failures[0].error_type == "TypeError"

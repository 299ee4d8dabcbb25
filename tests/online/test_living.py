"""Live traces from spans to grades, on both databases."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from regrade.domain import Case, Grade, Trace
from regrade.domain.errors import StoreError, TransientError, UnknownRunError
from regrade.domain.live import Decision, Feedback, ProjectSettings, TraceFilter
from regrade.ingest import RawEvent, assembled
from regrade.ingest.otlp import ArrivedEvent, Batch
from regrade.online import (
    BusyError,
    Closer,
    Receiver,
    Timing,
    Worker,
    backfill,
    checks_of,
    keep_feedback,
    keep_monitors,
    live_rates,
    load_trace,
    watched,
)
from regrade.runner import Judgement, grade_trace
from regrade.store import Store
from tests.fakes.spans import batch, raw

NOW = datetime.now(UTC)
MONITOR = {"sample": 1.0, "checks": ["answered", "pii", "valid_json"]}


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as made:
        yield made


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Milliseconds by which workers are ahead: traces are closed as if a while had passed."""
    ahead = [100_000]
    monkeypatch.setattr(
        "regrade.online.working._now_ms", lambda: round(later(0).timestamp() * 1000) + ahead[0]
    )
    return ahead


@asynccontextmanager
async def receiving(store: Store) -> AsyncIterator[Receiver]:
    receiver = Receiver(store.place)
    receiver.start()
    try:
        yield receiver
    finally:
        await anyio.to_thread.run_sync(receiver.stop)


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.anyio
async def test_from_spans_to_grades_and_again_for_late_ones(store: Store, tmp_path: Path) -> None:
    project = store.live.projects.key()
    keep_monitors(
        store, project, {"m": MONITOR, "other": {**MONITOR, "where": {"service": "x"}}}, tmp_path
    )
    closer, worker = Closer(store, Timing(quiet_s=30)), Worker(store)
    async with receiving(store) as receiver:
        one = batch(
            raw(1, input__value="Hi?", output__value="Hello."), raw(2, 1), service__name="shop"
        )
        assert await receiver.keep(project, one, 100) == 2
        assert await receiver.keep(project, one, 100) == 0
        assert closer.close_due() == 0
        assert closer.close_due(later(31)) == 1
        assert await worker.work() == 1
        loaded = load_trace(store, project, f"{1:032x}")
        assert loaded is not None
        decisions = {each.monitor: each for each in store.live.decisions.of(loaded.trace)}
        assert (decisions["m"].outcome, decisions["other"].outcome) == ("graded", "not_matched")
        assert checks_of(store, loaded) == {
            "answered": True,
            "containsPII": False,
            "validJson": False,
        }
        assert (worker.graded, worker.failed, closer.closed) == (1, 0, 1)
        late = Batch(events=[ArrivedEvent(trace_id=f"{1:032x}", span_id=f"{2:016x}", event=RawEvent(name="e"))])  # fmt: skip
        assert await receiver.keep(project, late, 10) == 1
    assert closer.close_due(later(31)) == 1
    assert await worker.work() == 1
    await worker.close()
    grades = store.live.decisions.grades_of(loaded.trace)
    assert {(each.revision, each.is_current) for each in grades} == {(2, True), (1, False)}
    assert load_trace(store, project, "none") is None


@pytest.mark.anyio
async def test_a_thumb_down_has_a_trace_decided_on_again(store: Store, tmp_path: Path) -> None:
    project = store.live.projects.key()
    document = {"sample": 0.0, "always": ["thumbs_down"], "checks": ["pii"]}
    keep_monitors(store, project, {"m": document}, tmp_path)
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="x")), 10)
    closer = Closer(store)
    assert closer.close_due(later(31)) == 1
    worker = Worker(store)
    assert await worker.work() == 0
    given = Feedback(trace_id=f"{1:032x}", kind="thumbs", value=False, given_at=NOW, key="k")
    assert keep_feedback(store, project, given, round(later(0).timestamp() * 1000))
    assert not keep_feedback(store, project, given, 0)
    assert closer.close_due(later(40)) == 1
    assert await worker.work() == 1
    loaded = load_trace(store, project, given.trace_id)
    assert loaded is not None
    assert checks_of(store, loaded) == {"containsPII": False, "userThumbsUp": False}
    assert store.live.decisions.of(loaded.trace)[0].probability == 1.0


@pytest.mark.anyio
async def test_personal_data_do_not_reach_the_disk(store: Store) -> None:
    project = store.live.projects.key()
    store.live.projects.change(project, ProjectSettings(redact=True))
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="to ada@example.org")), 10)
    loaded = load_trace(store, project, f"{1:032x}")
    assert loaded is not None
    assert loaded.whole is not None
    assert loaded.whole.trace.output == "to [email]"
    await anyio.sleep(0)


@pytest.mark.anyio
async def test_under_pressure_senders_are_sent_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regrade.online.receiving.MOST_WAITING", 100)
    project = store.live.projects.key()
    async with receiving(store) as receiver:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receiver.keep, project, batch(raw(1)), 90)
            await anyio.lowlevel.checkpoint()
            if receiver.waiting_bytes:
                with pytest.raises(BusyError):
                    await receiver.keep(project, batch(raw(2)), 90)
    assert receiver.waiting_bytes == 0


@pytest.mark.anyio
async def test_what_cannot_be_kept_is_told_and_others_do_not_suffer(store: Store) -> None:
    project = store.live.projects.key()
    bad = batch(raw(1, odd=float("nan")), trace=2)
    bad.spans[0].span.attributes["odd"] = object()  # type: ignore[index]  # what no reader gives
    async with receiving(store) as receiver:
        said: list[str] = []

        async def send(what: Batch) -> None:
            try:
                await receiver.keep(project, what, 1)
            except StoreError as error:
                said.append(str(error))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send, bad)
            for n in range(3, 9):
                tasks.start_soon(send, batch(raw(1), trace=n))
    assert len(said) == 1
    assert "not kept" in said[0]
    assert all(store.live.traces.find(project, f"{n:032x}") for n in range(3, 9))


def scripted(grade: Callable[[], Grade]) -> Callable[[Case, Trace], Grade]:
    def judge(case: Case, trace: Trace) -> Grade:
        return grade()

    return judge


@pytest.mark.anyio
async def test_what_passes_by_itself_is_tried_again_and_then_given_up(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[int]
) -> None:
    project = store.live.projects.key()
    (tmp_path / "judges.py").write_text(
        "def judge(case, trace):\n    raise RuntimeError('never asked')\n"
    )
    keep_monitors(
        store,
        project,
        {"m": {"sample": 1, "graders": [{"type": "python", "call": "judges:judge"}]}},
        tmp_path,
    )
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="x")), 10)
    Closer(store).close_due(later(31))

    def away() -> Grade:
        raise TransientError("too often", kind="http")

    [found] = watched(store, project)
    from regrade.graders import python

    def with_judge(grade: Callable[[], Grade]) -> None:
        own = type(found)(found.monitor, (python(call=scripted(grade)),), ())
        monkeypatch.setattr("regrade.online.watching.Monitors.of", lambda *_: [own])

    worker = Worker(store)
    with_judge(away)
    for attempt in range(4):
        assert await worker.work() == 1, attempt
        assert await worker.work() == 0, "not before a while"
        clock[0] += 100_000
    assert await worker.work() == 1
    assert store.live.jobs.counts() == {}, "the last time a failure is what there is"
    loaded = load_trace(store, project, f"{1:032x}")
    assert loaded is not None
    [grade] = store.live.decisions.grades_of(loaded.trace)
    assert grade.document["failure"] == "TransientError: too often"
    assert worker.failed == 1
    store.live.jobs.add(loaded.trace, "gone", 1, 0)
    assert await worker.work() == 1
    assert store.live.jobs.counts() == {"dead": 1}
    store.live.jobs.replay(0)
    with_judge(lambda: Grade(True, "fine"))
    monkeypatch.setattr("regrade.online.working.grade_trace", lambda *_: 1 / 0)
    for _ in range(6):
        clock[0] += 100_000
        await worker.work()
    assert store.live.jobs.counts() == {"dead": 1}
    await worker.close()


@pytest.mark.anyio
async def test_a_worker_stops_when_it_is_told_and_budgets_are_spent(
    store: Store, tmp_path: Path
) -> None:
    project = store.live.projects.key()
    keep_monitors(
        store, project, {"m": {**MONITOR, "budget": {"daily_usd": 1, "monthly_usd": 9}}}, tmp_path
    )
    async with receiving(store) as receiver:
        for n in range(1, 4):
            await receiver.keep(project, batch(raw(1, output__value="x"), trace=n), 10)
    assert Closer(store).close_due(later(31)) == 3
    worker = Worker(store, idle_s=0.01)

    async def stop() -> None:
        while worker.graded < 3:
            await anyio.sleep(0.01)
        worker.stop()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run)
        tasks.start_soon(stop)
    assert worker.ended.is_set()
    with store.transaction():
        store.live.decisions.spend(project, "m", f"{datetime.now(UTC):%Y-%m-%d}", 2.0)
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="x"), trace=9), 10)
    closer = Closer(store)
    closer.close_due(later(31))
    trace = store.live.traces.find(project, f"{9:032x}")
    assert trace is not None
    assert store.live.decisions.of(trace)[0].outcome == "budget"


@pytest.mark.anyio
async def test_old_traces_are_backfilled_with_what_that_costs(store: Store, tmp_path: Path) -> None:
    project = store.live.projects.key()
    async with receiving(store) as receiver:
        for n in range(1, 8):
            await receiver.keep(project, batch(raw(1, output__value="x"), trace=n), 10)
    assert Closer(store).close_due(later(31)) == 7
    with pytest.raises(UnknownRunError, match="no monitor 'm'"):
        backfill(store, project, "m")
    keep_monitors(store, project, {"m": {**MONITOR, "sample": 0.0}}, tmp_path)
    assert backfill(store, project, "m", sample=1, only_estimate=True).graded == 7
    assert store.live.jobs.counts() == {}
    assert backfill(store, project, "m", since=later(10**9)).traces == 0
    found = backfill(store, project, "m", sample=1)
    assert (found.traces, found.graded, found.cost_usd) == (7, 7, 0.0)
    assert backfill(store, project, "m", sample=1).traces == 0, "what is decided stays decided"
    worker = Worker(store)
    assert await worker.work() == 7
    await worker.close()
    rates = {each.grader: each for each in live_rates(store, project, "m")}
    assert (rates["pii"].value, rates["pii"].n, rates["json"].value) == (1.0, 7, 0.0)
    assert rates["pii"].low < 1


@pytest.mark.anyio
async def test_what_a_backfill_costs_is_told_by_what_judges_cost(
    store: Store, tmp_path: Path
) -> None:
    project = store.live.projects.key()
    judge = {"type": "judge", "rubric": "tone", "model": "openai:m"}
    keep_monitors(store, project, {"m": {"sample": 1, "graders": [judge]}}, tmp_path)
    async with receiving(store) as receiver:
        for n in range(1, 4):
            await receiver.keep(project, batch(raw(1, output__value="x"), trace=n), 10)
    live = store.live
    Closer(store).close_due(later(31))
    late = batch(raw(1, output__value="x"), trace=9)
    async with receiving(store) as receiver:
        await receiver.keep(project, late, 10)
    assert backfill(store, project, "m", only_estimate=True).cost_usd is None
    trace = live.traces.find(project, f"{1:032x}")
    assert trace is not None
    with store.transaction():
        live.decisions.settle(trace, "m", 1, "graded", "so")
        live.decisions.spend(project, "m", "2027-01-01", 0.5)
    live.decisions.drop_monitor(project, "m")
    keep_monitors(store, project, {"n": {"sample": 1, "graders": [judge]}}, tmp_path)
    with store.transaction():
        live.decisions.decide(
            trace,
            [
                Decision(
                    monitor="n",
                    version="v",
                    revision=1,
                    outcome="graded",
                    why="",
                    probability=1.0,
                    decided_at=NOW,
                )
            ],
        )
        live.decisions.spend(project, "n", "2027-01-01", 0.5)
    found = backfill(store, project, "n", only_estimate=True)
    assert (found.graded, found.cost_usd) == (2, 1.0)


@pytest.mark.anyio
async def test_a_trace_that_cannot_be_put_together_holds_up_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[int]
) -> None:
    project = store.live.projects.key()
    keep_monitors(store, project, {"m": MONITOR}, tmp_path)
    logs = ArrivedEvent(
        trace_id=f"{3:032x}", span_id=f"{2:016x}", event=RawEvent(name="gen_ai.choice")
    )
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="x"), trace=1), 10)
        await receiver.keep(project, batch(raw(1, output__value="x"), trace=2), 10)
        await receiver.keep(project, Batch(events=[logs]), 10)

    def some(trace_id: str, *rest: Any) -> Any:
        if trace_id == f"{1:032x}":
            raise OverflowError("a year that is none")
        return assembled(trace_id, *rest)

    monkeypatch.setattr("regrade.online.live_traces.assembled", some)
    clock[0] = 4_000_000
    closer, worker = Closer(store), Worker(store)
    assert closer.close_due(later(3700)) == 3
    assert closer.close_due(later(3800)) == 0, "they are not looked at again"
    assert await worker.work() == 1
    await worker.close()
    listed = store.live.traces.listed(project, TraceFilter(), limit=9)
    assert sum(each.error is not None for each in listed) == 2
    assert store.live.traces.counts() == {"closed": 3}


@pytest.mark.anyio
async def test_a_monitor_that_cannot_judge_holds_up_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    project = store.live.projects.key()
    (tmp_path / "suite.yaml").write_text(
        "name: s\nobjective: o\ncriteria: {c: C.}\ngraders: [{type: pii}]\n"
    )
    judge = {"type": "judge", "rubric": "tone", "model": "openai:m"}
    keep_monitors(
        store, project,
        {"broken": {"sample": 1, "suite": "suite.yaml"}, "fine": MONITOR, "keyless": {"sample": 1, "graders": [judge]}},
        tmp_path,
    )  # fmt: skip
    (tmp_path / "suite.yaml").write_text("name: [")
    assert [each.monitor.name for each in watched(store, project)] == ["fine", "keyless"]
    async with receiving(store) as receiver:
        await receiver.keep(project, batch(raw(1, output__value="x")), 10)
    assert Closer(store).close_due(later(31)) == 1
    worker = Worker(store)
    assert await worker.work() == 2
    await worker.close()
    assert (worker.graded, store.live.jobs.counts()) == (1, {"dead": 1})


@pytest.mark.anyio
async def test_what_is_judged_is_kept_while_another_judge_takes_long(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = store.live.projects.key()
    keep_monitors(store, project, {"m": MONITOR}, tmp_path)
    async with receiving(store) as receiver:
        for n in (1, 2):
            await receiver.keep(project, batch(raw(1, output__value="x"), trace=n), 10)
    Closer(store).close_due(later(31))
    monkeypatch.setattr("regrade.online.working.KEEP_S", 0.05)
    slow = anyio.Event()

    async def judged(case: Case, *rest: Any) -> Judgement:
        if case.id == f"{2:032x}":
            await slow.wait()
        return await grade_trace(case, *rest)

    monkeypatch.setattr("regrade.online.working.grade_trace", judged)
    worker = Worker(store)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.work)
        with anyio.fail_after(10):
            while worker.graded < 1:
                await anyio.sleep(0.02)
        assert store.live.jobs.counts() == {"leased": 1}
        slow.set()
    assert worker.graded == 2
    await worker.close()

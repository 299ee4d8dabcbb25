import asyncio
import time

import anyio
import pytest

from regrade.callables import UncontainedError, abandoned_threads, call
from regrade.callables.loops import BLOCKED_S

pytestmark = pytest.mark.anyio


async def many(function: object, times: int) -> list[object]:
    results: list[object] = []

    async def one(number: int) -> None:
        results.append(await call(function, number))  # type: ignore[arg-type]  # callables of every kind

    async with anyio.create_task_group() as tasks:
        for number in range(times):
            tasks.start_soon(one, number)
    return results


async def test_blocking_calls_run_side_by_side() -> None:
    def slow(number: int) -> int:
        time.sleep(0.2)
        return number

    began = time.perf_counter()
    assert sorted(await many(slow, 32)) == [*range(32)]  # type: ignore[type-var]  # numbers
    assert time.perf_counter() - began < 4


async def test_async_calls_run_side_by_side() -> None:
    async def slow(number: int) -> int:
        await asyncio.sleep(0.2)
        return number

    began = time.perf_counter()
    assert sorted(await many(slow, 100)) == [*range(100)]  # type: ignore[type-var]  # numbers
    assert time.perf_counter() - began < 6


async def test_a_thousand_short_calls_all_come_back() -> None:
    assert len(await many(lambda number: number, 1000)) == 1000


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), StopIteration(1), GeneratorExit()]
)
async def test_what_ends_programs_is_contained(error: BaseException) -> None:
    def blocking() -> None:
        raise error

    async def awaited() -> None:
        raise error

    for function in (blocking, awaited):
        with pytest.raises((UncontainedError, RuntimeError), match=type(error).__name__):
            await call(function)


async def test_errors_keep_their_traceback() -> None:
    def broken() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine") as caught:
        await call(broken)
    assert any(entry.name == "broken" for entry in caught.traceback)


async def test_a_cancellation_of_the_functions_own_is_an_error() -> None:
    async def cancels() -> None:
        raise asyncio.CancelledError

    with pytest.raises(UncontainedError, match="CancelledError"):
        await call(cancels)


async def test_a_thread_that_does_not_come_back_is_abandoned_counted_and_replaced() -> None:
    before = abandoned_threads()
    with anyio.move_on_after(0.1) as scope:
        await call(time.sleep, 1.0)
    assert scope.cancelled_caught
    assert abandoned_threads() == before + 1
    assert await call(lambda: "next") == "next"
    with anyio.fail_after(5):
        while abandoned_threads() > before:
            await anyio.sleep(0.05)


async def test_an_async_call_that_hangs_is_left_behind() -> None:
    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                await asyncio.sleep(4)
                return

    began = time.perf_counter()
    with anyio.move_on_after(0.2):
        await call(stubborn)
    assert time.perf_counter() - began < 2


async def test_an_async_function_that_blocks_its_loop_costs_only_itself() -> None:
    async def blocks() -> str:
        time.sleep(BLOCKED_S + 1.5)
        return "blocked"

    async def behaves() -> str:
        await asyncio.sleep(0.3)
        return "fine"

    finished: dict[str, float] = {}
    began = time.perf_counter()

    async def one(function: object, name: str) -> None:
        assert await call(function) == name  # type: ignore[arg-type]  # an async function
        finished[name] = time.perf_counter() - began

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, blocks, "blocked")
            await anyio.sleep(0.1)
            tasks.start_soon(one, behaves, "fine")
    assert finished["fine"] < finished["blocked"]
    assert await call(behaves) == "fine"


async def test_time_that_another_call_takes_does_not_count() -> None:
    async def blocks() -> str:
        time.sleep(3)
        return "blocked"

    async def behaves() -> str:
        await asyncio.sleep(0.05)
        return "fine"

    answers: list[str] = []

    async def one(function: object, timeout_s: float) -> None:
        answers.append(await call(function, timeout_s=timeout_s))  # type: ignore[arg-type]  # an async function

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one, blocks, 10)
        await anyio.sleep(0.1)
        for _ in range(3):
            tasks.start_soon(one, behaves, 1.5)
    assert answers == ["fine", "fine", "fine", "blocked"]


async def test_time_runs_out_for_the_one_that_blocks() -> None:
    async def blocks() -> None:
        time.sleep(1.2)

    with pytest.raises(TimeoutError):
        await call(blocks, timeout_s=0.5)
    assert await call(lambda: "next", timeout_s=5) == "next"


async def test_a_plain_function_may_hand_back_a_coroutine() -> None:
    async def work() -> int:
        return 7

    assert await call(lambda: work()) == 7


async def test_a_function_may_run_a_loop_of_its_own_beside_clients_that_note_theirs() -> None:
    """`sniffio`, which comes with clients of language models, notes in the context that a loop runs."""
    import sniffio

    async def inner() -> int:
        await anyio.sleep(0)
        return 7

    assert sniffio.current_async_library() == "asyncio"
    assert await call(lambda: anyio.run(inner)) == 7

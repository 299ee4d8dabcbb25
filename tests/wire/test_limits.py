import anyio
import pytest

from regrade.wire.limits import AdaptiveLimiter

pytestmark = pytest.mark.anyio


async def test_never_more_than_the_window_are_in_flight() -> None:
    limiter, most, now = AdaptiveLimiter(3), 0, 0

    async def work() -> None:
        nonlocal most, now
        await limiter.enter()
        now += 1
        most = max(most, now)
        await anyio.sleep(0.01)
        now -= 1
        limiter.leave()

    async with anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(work)
    assert most == 3


async def test_a_refusal_halves_the_window_once_per_round_and_success_opens_it_again() -> None:
    limiter = AdaptiveLimiter(16)
    starts = [await limiter.enter() for _ in range(8)]
    for start in starts:
        limiter.refused(start, 0.01)
        limiter.leave()
    assert limiter.window == 8
    assert limiter.refusals == 8
    later = await limiter.enter()
    limiter.refused(later, 0.01)
    limiter.leave()
    assert limiter.window == 4
    for _ in range(5):
        limiter.succeeded()
    assert limiter.window == 5
    for _ in range(200):
        limiter.succeeded()
    assert limiter.window == 16


async def test_nobody_asks_before_retry_after_has_passed() -> None:
    limiter = AdaptiveLimiter(4)
    start = await limiter.enter()
    limiter.refused(start, 0.3)
    limiter.leave()
    again = await limiter.enter()
    assert again - start >= 0.3


async def test_starts_keep_their_distance() -> None:
    limiter = AdaptiveLimiter(8, requests_per_minute=600)
    starts: list[float] = []

    async def work() -> None:
        starts.append(await limiter.enter())
        limiter.leave()

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(work)
    starts.sort()
    assert starts[-1] - starts[0] >= 5 * 0.1 - 0.02


async def test_tokens_are_paid_for_afterwards() -> None:
    limiter = AdaptiveLimiter(8, tokens_per_minute=6000)
    start = await limiter.enter()
    limiter.succeeded(tokens=30)
    limiter.leave()
    assert await limiter.enter() - start >= 0.29


async def test_giving_up_while_waiting_loses_no_place() -> None:
    limiter = AdaptiveLimiter(1)
    await limiter.enter()
    with anyio.move_on_after(0.02):
        await limiter.enter()
    limiter.leave()
    with anyio.fail_after(1):
        await limiter.enter()

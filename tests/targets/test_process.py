import sys
import time
from pathlib import Path

import anyio
import pytest

from regrade.domain import Case, Response
from regrade.domain.errors import TargetError, TargetSetupError
from regrade.suites.building.targets import CHILD
from regrade.targets import ProcessTarget

pytestmark = pytest.mark.anyio

APP = """
import asyncio, os, sys, time
from regrade import Response

def answer(input):
    print("noise on standard output")
    os.write(1, b"raw noise")
    if input == "busy":
        while True: pass
    if input == "exit":
        os._exit(7)
    if input == "crash":
        os.kill(os.getpid(), 11)
    if input == "raise":
        raise ValueError("mine")
    if input == "quit":
        sys.exit(3)
    if input == "garbage":
        return object()
    if input == "fork":
        if os.fork() == 0:
            time.sleep(30)
        return "forked"
    if input == "fork and die":
        if os.fork() == 0:
            time.sleep(30)
        os._exit(1)
    if input == "read":
        return sys.stdin.read()
    if input == "large":
        return "x" * 20_000_000
    return Response({"echo": input, "pid": os.getpid()}, retrieved=["doc"])

async def later(input):
    await asyncio.sleep(0.01)
    return input
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"isolated_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(APP)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


async def ask(target: ProcessTarget, text: str, timeout_s: float = 20) -> Response:
    return await target.answer(Case(input=text), timeout_s=timeout_s)


async def test_a_process_is_used_again(module: str) -> None:
    target = ProcessTarget(f"{module}:answer", CHILD)
    async with target.opened():
        first, second = await ask(target, "a"), await ask(target, "b")
        assert first.output["echo"] == "a"
        assert first.output["pid"] == second.output["pid"]
        assert first.retrieved is not None
        assert first.retrieved[0].text == "doc"
        assert first.latency_s is not None


async def test_async_functions_answer_too(module: str) -> None:
    target = ProcessTarget(f"{module}:later", CHILD)
    async with target.opened():
        assert (await ask(target, "a")).output == "a"


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("exit", "crash", "exit code 7"),
        ("crash", "crash", "SIGSEGV"),
        ("raise", "exception", "ValueError: mine"),
        ("quit", "crash", "SystemExit"),
        ("garbage", "garbage", "neither text nor JSON"),
        ("fork and die", "crash", "exit code 1"),
    ],
)
async def test_whatever_it_does_costs_one_attempt(
    module: str, text: str, kind: str, said: str
) -> None:
    target = ProcessTarget(f"{module}:answer", CHILD)
    async with target.opened():
        with pytest.raises(TargetError, match=said) as caught:
            await ask(target, text)
        assert caught.value.kind == kind
        assert (await ask(target, "next")).output["echo"] == "next"


async def test_a_busy_loop_is_killed_in_time(module: str) -> None:
    target = ProcessTarget(f"{module}:answer", CHILD)
    async with target.opened():
        await ask(target, "warm")
        began = time.perf_counter()
        with pytest.raises(TimeoutError):
            await ask(target, "busy", timeout_s=0.5)
        assert time.perf_counter() - began < 3
        assert (await ask(target, "next")).output["echo"] == "next"


async def test_forks_reading_and_large_answers(module: str) -> None:
    target = ProcessTarget(f"{module}:answer", CHILD)
    async with target.opened():
        assert (await ask(target, "fork")).output == "forked"
        assert (await ask(target, "read")).output == ""
        assert len((await ask(target, "large")).output) == 20_000_000


async def test_several_answer_at_once(module: str) -> None:
    target = ProcessTarget(f"{module}:answer", CHILD)
    pids: set[int] = set()

    async def one() -> None:
        pids.add((await ask(target, "x")).output["pid"])

    async with target.opened(), anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(one)
    assert len(pids) == 3


async def test_a_module_that_fails_at_import_is_said(module: str, tmp_path: Path) -> None:
    name = "breaks_in_children"
    (tmp_path / f"{name}.py").write_text(
        "import sys\nif sys.argv[0].endswith('child.py'): 1/0\ndef answer(input): return 1\n"
    )
    sys.modules.pop(name, None)
    target = ProcessTarget(f"{name}:answer", CHILD)
    async with target.opened():
        with pytest.raises(TargetSetupError, match="ZeroDivisionError"):
            await ask(target, "x")

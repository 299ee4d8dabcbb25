"""A Python function in child processes: nothing that it does reaches us or another attempt.

Each process answers one case at a time. One that outlives its time, crashes, or forks is killed
with everything that it started, and replaced.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from regrade.domain import Case, Json, Response, case_content, restored_span
from regrade.domain.errors import TargetError, TargetSetupError
from regrade.wire.propagation import hand_back, traceparent

from .answers import read_response
from .python import PythonTarget
from .spawning import Spawned, ending

START_TIMEOUT_S = 60.0
"""Seconds that a child may take to import the function."""
_LAST_WORDS = 2000
_PARENT = {"traceparent": ""}


class _Child:
    """One child process, which answers one case at a time."""

    def __init__(self, spawned: Spawned) -> None:
        self._spawned = spawned
        self._errors = bytearray()
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def started(cls, program: str, name: str) -> "_Child":
        paths = os.pathsep.join(path for path in sys.path if path)
        argv = [sys.executable, "-m", program, name]
        environment = {**os.environ, "PYTHONPATH": paths}
        child = cls(await Spawned.started(argv, environment=environment))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                hello = await child._reply()
        except BaseException:
            await child.kill()
            raise
        if "setup_error" in hello:
            await child.kill()
            raise TargetSetupError(hello["setup_error"])
        return child

    async def ask(self, request: Json) -> dict[str, Json]:
        """Send a request and wait for its reply.

        Raises: TargetError of kind `crash` when the process ends instead.
        """
        body = json.dumps(request).encode()
        await self._spawned.write(len(body).to_bytes(4, "big") + body)
        return await self._reply()

    async def _reply(self) -> dict[str, Json]:
        """Wait for a frame or for the end of the process, whichever comes first."""
        frame = asyncio.create_task(self._frame())
        try:
            await asyncio.wait({frame, self._spawned.end}, return_when=asyncio.FIRST_COMPLETED)
            if not frame.done():
                await asyncio.wait({frame}, timeout=0.1)
            if frame.done() and frame.exception() is None:
                return frame.result()
        finally:
            frame.cancel()
        raise TargetError(f"the target's process {await self._ending()}", kind="crash")

    async def _frame(self) -> dict[str, Json]:
        size = int.from_bytes(await self._spawned.out.readexactly(4), "big")
        frame: dict[str, Json] = json.loads(await self._spawned.out.readexactly(size))
        return frame

    async def _ending(self) -> str:
        how = ending(await self._spawned.end)
        await asyncio.wait({self._listener}, timeout=0.1)
        words = self._errors.decode(errors="replace").strip().splitlines()
        return f"{how}: {words[-1]}" if words else how

    async def _listen(self) -> None:
        while chunk := await self._spawned.err.read(4096):
            self._errors += chunk
            del self._errors[:-_LAST_WORDS]

    async def kill(self) -> None:
        """End the process and everything that it started."""
        self._listener.cancel()
        await self._spawned.kill()


class ProcessTarget:
    """Calls a function in child processes, as many as there are attempts at once."""

    is_live = True
    keeps_time = True

    def __init__(self, name: str, program: str) -> None:
        """Take `module:function`, which is imported here as well to name its version, and the
        module that a child process runs (see `child`).

        Raises: TargetSetupError.
        """
        self._name, self._program = name, program
        self._idle: list[_Child] = []
        self.version = PythonTarget(name).version

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the processes between attempts, and end them all afterwards."""
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                for child in self._idle:
                    await child.kill()
            self._idle.clear()

    async def reach(self) -> None:
        """Nothing to look for: the function was found."""

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Have a child process answer."""
        child = self._idle.pop() if self._idle else await _Child.started(self._program, self._name)
        try:
            async with asyncio.timeout(timeout_s):
                reply = await child.ask({"case": case_content(case), **_PARENT, **traceparent()})
        except BaseException:
            with anyio.CancelScope(shield=True):
                await child.kill()
            raise
        self._idle.append(child)
        if (steps := reply.get("steps")) is not None:
            hand_back([restored_span(each) for each in steps["spans"]], steps["began_ns"])
        if "error" in reply:
            raise TargetError(
                reply["error"]["message"],
                kind=reply["error"]["kind"],
                traceback=reply["error"]["traceback"],
            )
        return read_response(reply["response"])

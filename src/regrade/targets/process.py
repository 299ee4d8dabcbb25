"""A Python function in child processes: nothing that it does reaches us or another attempt.

Each process answers one case at a time. One that outlives its time, crashes, or forks is killed
with everything that it started, and replaced.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import anyio

from regrade.callables import call
from regrade.domain import Case, Json, Response, case_content
from regrade.domain.errors import TargetError, TargetSetupError

from .answers import read_response
from .python import PythonTarget

START_TIMEOUT_S = 60.0
"""Seconds that a child may take to import the function."""
_LAST_WORDS = 2000


class _Child:
    """One child process.

    Its end is awaited in a thread, since asyncio only reports it when all pipes are closed, and a
    process that forked leaves them open in its children.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._errors = bytearray()
        self._replies, self._noise = asyncio.StreamReader(), asyncio.StreamReader()
        self._transports: list[asyncio.ReadTransport] = []
        self._listener = asyncio.create_task(self._listen())
        self._end: asyncio.Task[int] = asyncio.create_task(call(process.wait))

    @classmethod
    async def started(cls, name: str) -> "_Child":
        child = cls(_start(name))
        try:
            await child._connect()
            async with asyncio.timeout(START_TIMEOUT_S):
                hello = await child._reply()
        except BaseException:
            await child.kill()
            raise
        if "setup_error" in hello:
            await child.kill()
            raise TargetSetupError(hello["setup_error"])
        return child

    async def _connect(self) -> None:
        loop, process = asyncio.get_running_loop(), self._process
        for reader, pipe in ((self._replies, process.stdout), (self._noise, process.stderr)):
            protocol = partial(asyncio.StreamReaderProtocol, reader)
            transport, _ = await loop.connect_read_pipe(protocol, pipe)
            self._transports.append(transport)

    async def ask(self, request: Json) -> dict[str, Json]:
        """Send a request and wait for its reply.

        Raises: TargetError of kind `crash` when the process ends instead.
        """
        body = json.dumps(request).encode()
        await call(self._send, len(body).to_bytes(4, "big") + body)
        return await self._reply()

    def _send(self, frame: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # the end of the process shows when the reply is awaited
            self._process.stdin.write(frame)
            self._process.stdin.flush()

    async def _reply(self) -> dict[str, Json]:
        """Wait for a frame or for the end of the process, whichever comes first."""
        frame = asyncio.create_task(self._frame())
        try:
            await asyncio.wait({frame, self._end}, return_when=asyncio.FIRST_COMPLETED)
            if not frame.done():
                await asyncio.wait({frame}, timeout=0.1)
            if frame.done() and frame.exception() is None:
                return frame.result()
        finally:
            frame.cancel()
        raise TargetError(f"the target's process {await self._ending()}", kind="crash")

    async def _frame(self) -> dict[str, Json]:
        size = int.from_bytes(await self._replies.readexactly(4), "big")
        frame: dict[str, Json] = json.loads(await self._replies.readexactly(size))
        return frame

    async def _ending(self) -> str:
        code = await self._end
        await asyncio.wait({self._listener}, timeout=0.1)
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit code {code}"
        )
        words = self._errors.decode(errors="replace").strip().splitlines()
        return f"{how}: {words[-1]}" if words else how

    async def _listen(self) -> None:
        while chunk := await self._noise.read(4096):
            self._errors += chunk
            del self._errors[:-_LAST_WORDS]

    async def kill(self) -> None:
        """End the process and everything that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._end
        self._listener.cancel()
        for transport in self._transports:
            transport.close()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        await asyncio.sleep(0)  # the transports close in the loop's next round


def _start(name: str) -> "subprocess.Popen[bytes]":
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-m", "regrade.targets.child", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,
    )


class ProcessTarget:
    """Calls a function in child processes, as many as there are attempts at once."""

    is_live = True
    keeps_time = True

    def __init__(self, name: str) -> None:
        """Take `module:function`; it is imported here as well, to name its version.

        Raises: TargetSetupError.
        """
        self._name = name
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
        child = self._idle.pop() if self._idle else await _Child.started(self._name)
        try:
            async with asyncio.timeout(timeout_s):
                reply = await child.ask(case_content(case))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await child.kill()
            raise
        self._idle.append(child)
        if "error" in reply:
            raise TargetError(
                reply["error"]["message"],
                kind=reply["error"]["kind"],
                traceback=reply["error"]["traceback"],
            )
        return read_response(reply["response"])

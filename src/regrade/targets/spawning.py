"""Processes of others: started apart from us, fed, read, and ended with everything that they
started.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from regrade.callables import call


class Spawned:
    """A process with a group of its own.

    Its end is awaited in a thread, since asyncio only reports it when all pipes are closed, and a
    process that forked leaves them open in its children.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take a process whose three streams are pipes; `started` is the way to one."""
        self._process = process
        self.out, self.err = asyncio.StreamReader(limit=2**20), asyncio.StreamReader()
        self._transports: list[asyncio.ReadTransport] = []
        self.end: asyncio.Task[int] = asyncio.create_task(call(process.wait))

    @classmethod
    async def started(
        cls, argv: Sequence[str], *, environment: Mapping[str, str], folder: Path | None = None
    ) -> "Spawned":
        """Start a process and listen to it.

        Raises: OSError when there is no such program.
        """
        process = subprocess.Popen(  # noqa: ASYNC220  asyncio's own would not tell of its end
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        spawned = cls(process)
        try:
            await spawned._connect()
        except BaseException:
            await spawned.kill()
            raise
        return spawned

    async def _connect(self) -> None:
        loop, process = asyncio.get_running_loop(), self._process
        for reader, pipe in ((self.out, process.stdout), (self.err, process.stderr)):
            protocol = partial(asyncio.StreamReaderProtocol, reader)
            transport, _ = await loop.connect_read_pipe(protocol, pipe)
            self._transports.append(transport)

    async def write(self, content: bytes, *, last: bool = False) -> None:
        """Write to its standard input, which ends with the `last` content; a process that listens
        no more is no error here.
        """
        await call(self._write, content, last)

    def _write(self, content: bytes, last: bool) -> None:  # noqa: FBT001  called by position, in a thread
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(content)
            self._process.stdin.flush()
        if last:
            with suppress(OSError):
                self._process.stdin.close()

    async def kill(self) -> None:
        """End the process and everything that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self.end
        for transport in self._transports:
            transport.close()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        await asyncio.sleep(0)  # the transports close in the loop's next round


def ending(code: int) -> str:
    """Say how a process ended."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"

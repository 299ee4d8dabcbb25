"""A program as the system under test: one process an attempt."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which
from typing import Literal

import anyio

from regrade.domain import Case, Json, Response, as_text, content_hash, read_json
from regrade.domain.errors import MissingPathError, NotJsonError, TargetError, TargetSetupError
from regrade.domain.template import render
from regrade.wire.propagation import traceparent

from .answers import read_response
from .spawning import Spawned, ending

Format = Literal["text", "json", "response"]
MOST_OUTPUT = 16 * 2**20
"""Bytes that a program may write."""
_MOST_ENVIRONMENT = 100_000
_LAST_WORDS = 2000
_AFTER_END_S = 0.5


class CommandTarget:
    """Starts a program for each case and reads what it writes.

    The program gets a JSON object with id, input, context and config on its standard input, and in
    its environment REGRADE_CASE_ID, REGRADE_CONTEXT with the context as JSON where it has one of
    at most 100 kB, and TRACEPARENT where the attempt is recorded. It runs in the suite's folder.
    What it writes to its standard output is the answer; a final line end does not count.
    """

    is_live = True
    keeps_time = True

    def __init__(
        self,
        argv: Sequence[str],
        *,
        format: Format = "text",
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Take the program with its arguments, which may hold templates of the case.

        Raises: TargetSetupError.
        """
        if not argv:
            raise TargetSetupError("`argv` is empty; write the program and its arguments as a list")
        self._argv, self._format, self._folder = [*argv], format, folder
        self._env = dict(env or {})
        self.version = content_hash(["command", self._argv, format, self._env, self._content()])

    def _content(self) -> list[str]:
        """Hash the files that the command names, so that a changed script is another version."""
        folder = self._folder or Path()
        named = [folder / each for each in self._argv if "{{" not in each]
        return [content_hash(p.read_bytes().hex()) for p in named if p.is_file()]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold nothing."""
        yield

    async def reach(self) -> None:
        """Look whether there is such a program.

        Raises: TargetSetupError.
        """
        folder = self._folder or Path()
        program = self._argv[0]
        if which(program) is None and which(str(folder / program)) is None:
            raise TargetSetupError(
                f"there is no program {program!r}, neither on the PATH nor in {folder}"
            )

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Start the program and wait for its end.

        Raises: TargetError when it cannot be started, fails or writes what cannot be read,
        TimeoutError.
        """
        try:
            argv = [as_text(render(each, case)) for each in self._argv]
        except MissingPathError as error:
            raise TargetError(f"the command cannot be written: {error}", kind="request") from None
        try:
            spawned = await Spawned.started(
                argv, environment={**os.environ, **self._env, **_of_case(case)}, folder=self._folder
            )
        except OSError as error:
            said = f"{argv[0]!r} cannot be started: {error.strerror or error}"
            raise TargetError(said, kind="crash") from None
        try:
            async with asyncio.timeout(timeout_s):
                written = await _run(spawned, _question(case))
        finally:
            with anyio.CancelScope(shield=True):
                await spawned.kill()
        return self._read(written)

    def _read(self, content: bytes) -> Response:
        text = content.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        if self._format == "text":
            return Response(text)
        try:
            value = read_json(text)
            if self._format == "json":
                return Response(value)
            if not isinstance(value, dict) or "output" not in value:
                raise NotJsonError("it is no object with `output`")
            return read_response(value)
        except NotJsonError as error:
            start = " ".join(text[:200].split())[:100]
            said = f"the program did not write {self._format} ({error}): {start!r}"
            raise TargetError(said, kind="garbage") from None


async def _run(spawned: Spawned, question: bytes) -> bytes:
    """Give what a program writes until it ends.

    Raises: TargetError when it fails, or writes too much.
    """
    out = asyncio.create_task(_read_all(spawned.out))
    err = asyncio.create_task(_read_all(spawned.err))
    try:
        await spawned.write(question, last=True)
        done, _ = await asyncio.wait({out, spawned.end}, return_when=asyncio.FIRST_COMPLETED)
        if out in done and (error := out.exception()) is not None:
            raise error
        code = await spawned.end
        await asyncio.wait({out, err}, timeout=_AFTER_END_S)  # what it started may hold the pipes
        if code != 0:
            raise TargetError(f"the program {ending(code)}{_last_words(err)}", kind="exit")
        if not out.done():
            raise TargetError(
                "the program ended, but something that it started still writes its output",
                kind="exit",
            )
        return out.result()
    finally:
        out.cancel()
        err.cancel()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    content = bytearray()
    while chunk := await reader.read(2**16):
        content += chunk
        if len(content) > MOST_OUTPUT:
            raise TargetError(
                f"the program wrote more than {MOST_OUTPUT >> 20} MiB", kind="garbage"
            )
    return bytes(content)


def _last_words(err: "asyncio.Task[bytes]") -> str:
    if not err.done() or err.exception() is not None:
        return ""
    words = err.result()[-_LAST_WORDS:].decode("utf-8", "replace").strip().splitlines()
    return f": {words[-1]}" if words else ""


def _question(case: Case) -> bytes:
    content: dict[str, Json] = {
        "id": case.id,
        "input": case.input,
        "context": case.context,
        "config": case.config,
    }
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _of_case(case: Case) -> dict[str, str]:
    found = {"REGRADE_CASE_ID": case.id.replace("\0", "")}
    found |= {name.upper(): value for name, value in traceparent().items()}
    if case.context is not None:
        context = json.dumps(case.context)
        if len(context) <= _MOST_ENVIRONMENT:
            found["REGRADE_CONTEXT"] = context
    return found

"""Streamed replies: server-sent events, lines of JSON, or plain chunks of text."""

import codecs
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from regrade.domain import Json, read_json
from regrade.domain.errors import NotJsonError, TargetError

_LINE_TYPES = ("application/x-ndjson", "application/jsonl", "application/json-lines")


async def read_stream(reply: Any, select: Callable[[Json], str]) -> tuple[str, float | None]:
    """Read a streamed reply to its end; give its text and when the first piece of it came
    (`time.perf_counter`).

    Raises: TargetError when an event is not JSON.
    """
    pieces: list[str] = []
    first: float | None = None
    async for piece in _pieces(reply, select):
        if piece and first is None:
            first = time.perf_counter()
        pieces.append(piece)
    return "".join(pieces), first


async def _pieces(reply: Any, select: Callable[[Json], str]) -> AsyncIterator[str]:
    if reply.content_type == "text/event-stream":
        async for event in json_events(reply):
            yield select(event)
    elif reply.content_type in _LINE_TYPES:
        async for line in _lines(reply):
            if line.strip():
                yield select(_parsed(line))
    else:
        async for line in _chunks(reply):
            yield line


async def json_events(reply: Any) -> AsyncIterator[Json]:
    """Give the server-sent events of a reply, each read as JSON, up to `[DONE]` or the end.

    Raises: TargetError when an event is not JSON.
    """
    async for data in _events(_lines(reply)):
        if data == "[DONE]":
            return
        yield _parsed(data)


async def _chunks(reply: Any) -> AsyncIterator[str]:
    """Decode chunks that may end in the middle of a character."""
    decoder = codecs.getincrementaldecoder(reply.charset or "utf-8")("replace")
    async for chunk in reply.content.iter_any():
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


async def _lines(reply: Any) -> AsyncIterator[str]:
    """Split a text of any line length; a line ends with LF, CR LF or CR (HTML standard, section
    9.2.5).
    """
    rest = ""
    async for text in _chunks(reply):
        rest += text
        held = "\r" if rest.endswith("\r") else ""  # its LF may come with the next chunk
        *whole, rest = rest.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rest += held
        for line in whole:
            yield line
    if rest:
        yield rest


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Join the data lines of each event; comments and other fields are left out."""
    data: list[str] = []
    async for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


def _parsed(text: str) -> Json:
    try:
        return read_json(text)
    except NotJsonError as error:
        raise TargetError(
            f"an event of the stream is not JSON ({error}): {text[:100]!r}", kind="http"
        ) from None

"""The child process of `isolation: process`: imports one function and answers one case at a time.

It speaks over the standard input and output that it was started with, in frames of four length
bytes and JSON; the function itself sees an empty standard input, and what it prints goes to
standard error.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from dataclasses import replace
from typing import Any, BinaryIO

from regrade.domain import Json, restored_case
from regrade.domain.errors import TargetError, TargetSetupError, said_by

from .answers import response_content
from .python import PythonTarget


def serve(name: str) -> None:
    """Answer until standard input ends."""
    requests, replies = _take_over_streams()
    owner = os.getpid()
    try:
        target = PythonTarget(name)
    except TargetSetupError as error:
        _write(replies, {"setup_error": str(error)})
        return
    _write(replies, {"version": target.version})
    with asyncio.Runner() as runner:
        while (request := _read(requests)) is not None:
            reply = runner.run(_answer(target, request))
            if os.getpid() != owner:  # the function forked: only the first process answers
                os._exit(0)
            _write(replies, reply)


async def _answer(target: PythonTarget, request: dict[str, Json]) -> dict[str, Json]:
    began = time.perf_counter()
    try:
        response = await target.answer(restored_case(request), timeout_s=None)
        took = replace(response, latency_s=time.perf_counter() - began)
        return {"response": response_content(took)}
    except Exception as error:  # noqa: BLE001  whatever the function raises is data
        kind = error.kind if isinstance(error, TargetError) else "exception"
        said = (
            str(error)
            if isinstance(error, TargetError)
            else f"{type(error).__name__}: {said_by(error)}"
        )
        return {"error": {"kind": kind, "message": said, "traceback": traceback.format_exc()}}


def _take_over_streams() -> tuple[BinaryIO, BinaryIO]:
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, replies


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(4)
    return json.loads(stream.read(int.from_bytes(head, "big"))) if len(head) == 4 else None


def _write(stream: BinaryIO, content: Json) -> None:
    body = json.dumps(content).encode()
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


if __name__ == "__main__":
    serve(sys.argv[1])

"""What a child process of `isolation: process` does: it imports one function and answers one case at
a time.

It speaks over the standard input and output that it was started with, in frames of four length
bytes and JSON; the function itself sees an empty standard input, and what it prints goes to
standard error.
"""

import asyncio
import json
import os
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from regrade.domain import Case, Json, Recorder, Trace, restored_case, span_content
from regrade.domain.errors import TargetError, TargetSetupError, said_by

from .answers import response_content
from .python import PythonTarget

Recorders = Callable[[], AbstractContextManager[Recorder]]
"""Makes who records the steps of the function, when the asking process wants them."""


def serve(name: str, recorders: Recorders) -> None:
    """Answer until standard input ends."""
    requests, replies = _take_over_streams()
    owner = os.getpid()
    try:
        target = PythonTarget(name)
    except TargetSetupError as error:
        _write(replies, {"setup_error": str(error)})
        return
    _write(replies, {"version": target.version})
    with asyncio.Runner() as runner, ExitStack() as stack:
        recorder: Recorder | None = None
        while (request := _read(requests)) is not None:
            if request["traceparent"] and recorder is None:
                recorder = stack.enter_context(recorders())
            reply = runner.run(_recorded(target, request, recorder))
            if os.getpid() != owner:  # the function forked: only the first process answers
                os._exit(0)
            _write(replies, reply)


async def _recorded(
    target: PythonTarget, request: dict[str, Json], recorder: Recorder | None
) -> dict[str, Json]:
    case, parent = restored_case(request["case"]), request["traceparent"]
    if recorder is None or not parent:
        return await _answer(target, case)
    with recorder.recording(parent) as recording:
        reply = await _answer(target, case)
        spans = recording.added_to(Trace()).spans
    steps = {"began_ns": recording.began_ns, "spans": [span_content(span) for span in spans]}
    return {**reply, "steps": steps}


async def _answer(target: PythonTarget, case: Case) -> dict[str, Json]:
    began = time.perf_counter()
    try:
        response = await target.answer(case, timeout_s=None)
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

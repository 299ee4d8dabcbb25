"""OTLP over HTTP: `/v1/traces` and `/v1/logs`, answered in the encoding that was sent.

Source: OTLP 1.9, OTLP/HTTP: 200 with what was rejected, 400 for what is no message, 413 and 415 for what is
too large or not known, 503 with Retry-After under pressure; failures are a google.rpc.Status.
"""

import json
from collections.abc import Callable
from typing import Any, Literal

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.requests import Request
from starlette.responses import Response

from regrade.domain.errors import StoreError
from regrade.ingest.otlp import Batch, MalformedError, read_logs, read_traces
from regrade.online import BusyError, Receiver
from regrade.server.bodies import TooLargeError, WrongEncodingError, read_body
from regrade.server.counting import Counts

from .letters import Letters

Encoding = Literal["protobuf", "json"]
TYPES: dict[Encoding, str] = {"protobuf": "application/x-protobuf", "json": "application/json"}
RETRY_S = 2
"""Seconds after which a sender should try again."""
_READ: dict[str, Callable[[bytes, Encoding], Batch]] = {"traces": read_traces, "logs": read_logs}


class OtlpDoor:
    """Takes what exporters send."""

    def __init__(self, receiver: Receiver, letters: Letters, counts: Counts) -> None:
        """Take who keeps it, who lays aside what cannot be read, and what is counted."""
        self._receiver, self._letters, self._counts = receiver, letters, counts

    async def traces(self, request: Request) -> Response:
        """Take spans."""
        return await self._take(request, "traces")

    async def logs(self, request: Request) -> Response:
        """Take records of logs."""
        return await self._take(request, "logs")

    async def _take(self, request: Request, kind: Literal["traces", "logs"]) -> Response:
        encoding = _encoding(request.headers.get("content-type", ""))
        if encoding is None:
            said = "the content type is application/x-protobuf or application/json"
            return _failed(415, said, "json")
        project = request.state.caller.project
        try:
            body = await read_body(request.stream(), request.headers.get("content-encoding", ""))
        except TooLargeError as error:
            return _failed(413, str(error), encoding)
        except WrongEncodingError as error:
            return _failed(415, str(error), encoding)
        try:
            batch = _READ[kind](body, encoding)
        except MalformedError as error:
            await self._letters.keep(project, f"{kind}/{encoding}", str(error), body)
            return _failed(400, str(error), encoding)
        self._counts.rejected += batch.rejected
        if batch.spans or batch.events:
            try:
                await self._receiver.keep(project, batch, len(body))
            except (BusyError, StoreError) as error:
                self._counts.refused += 1
                return _failed(503, str(error), encoding)
        return _answered(kind, batch, encoding)


def _encoding(content_type: str) -> Encoding | None:
    name = content_type.partition(";")[0].strip().lower()
    return next((encoding for encoding, each in TYPES.items() if each == name), None)


def _answered(kind: str, batch: Batch, encoding: Encoding) -> Response:
    is_traces = kind == "traces"
    if encoding == "json":
        name = "rejectedSpans" if is_traces else "rejectedLogRecords"
        partial = {name: str(batch.rejected), "errorMessage": batch.message}
        body = json.dumps({"partialSuccess": partial} if batch.rejected else {}).encode()
        return Response(body, media_type=TYPES[encoding])
    message: Any = ExportTraceServiceResponse() if is_traces else ExportLogsServiceResponse()
    if batch.rejected:
        name = "rejected_spans" if is_traces else "rejected_log_records"
        setattr(message.partial_success, name, batch.rejected)
        message.partial_success.error_message = batch.message
    return Response(message.SerializeToString(), media_type=TYPES[encoding])


def _failed(status: int, said: str, encoding: Encoding) -> Response:
    headers = {"Retry-After": str(RETRY_S)} if status in (429, 503) else {}
    body = json.dumps({"message": said}).encode() if encoding == "json" else _status(said)
    return Response(body, status, headers, media_type=TYPES[encoding])


def _status(said: str) -> bytes:
    """Write a google.rpc.Status with a message alone: its second field, a text."""
    text = said.encode()[:2000]
    size = len(text)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return b"\x12" + length + text

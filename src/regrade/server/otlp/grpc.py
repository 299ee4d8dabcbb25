"""OTLP over gRPC, with the extra `grpc`: the same as over HTTP, on a port of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import grpc
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from regrade.domain.errors import StoreError
from regrade.ingest.otlp import Batch, MalformedError, read_logs, read_traces
from regrade.online import BusyError, Receiver
from regrade.server.bodies import MOST_SENT
from regrade.server.counting import Counts

from .letters import Letters

Project = Callable[[dict[str, str]], Awaitable[int | str]]
"""Gives the project of a call by its metadata, or why it is refused."""
_SERVICES: dict[str, tuple[str, Any, Any, str]] = {
    "opentelemetry.proto.collector.trace.v1.TraceService": (
        *("traces", read_traces, ExportTraceServiceResponse),
        "rejected_spans",
    ),
    "opentelemetry.proto.collector.logs.v1.LogsService": (
        *("logs", read_logs, ExportLogsServiceResponse),
        "rejected_log_records",
    ),
}


class GrpcDoor:
    """Takes what exporters send over gRPC."""

    def __init__(
        self, receiver: Receiver, letters: Letters, project: Project, counts: Counts
    ) -> None:
        """Take who keeps it, who lays aside what cannot be read, who says whose it is, and what is counted."""
        self._receiver, self._letters = receiver, letters
        self._project, self._counts = project, counts
        self._server: Any = None

    async def start(self, address: str) -> None:
        """Begin to listen."""
        options = [("grpc.max_receive_message_length", MOST_SENT)]
        self._server = grpc.aio.server(options=options)
        handlers = [
            grpc.method_handlers_generic_handler(name, {"Export": self._handler(*parts)})
            for name, parts in _SERVICES.items()
        ]
        self._server.add_generic_rpc_handlers(tuple(handlers))
        self._server.add_insecure_port(address)
        await self._server.start()

    async def stop(self) -> None:
        """Finish the calls that are being answered, and end."""
        if self._server is not None:
            with anyio.CancelScope(shield=True):
                await self._server.stop(5)

    def _handler(self, kind: str, read: Any, answer: Any, rejected: str) -> Any:
        async def export(body: bytes, context: Any) -> Message:
            given = {str(k): str(v) for k, v in context.invocation_metadata() or ()}
            project = await self._project(given)
            if not isinstance(project, int):
                await context.abort(grpc.StatusCode.UNAUTHENTICATED, project)
            try:
                batch: Batch = read(body, "protobuf")
                await self._keep(int(project), batch, len(body))
            except MalformedError as error:
                await self._letters.keep(int(project), f"{kind}/protobuf", str(error), body)
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            except (BusyError, StoreError) as error:
                self._counts.refused += 1
                await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
            message: Message = answer()
            if batch.rejected:
                partial: Any = getattr(message, "partial_success")  # noqa: B009  its type knows it not
                setattr(partial, rejected, batch.rejected)
                partial.error_message = batch.message
            return message

        return grpc.unary_unary_rpc_method_handler(
            export, response_serializer=lambda message: message.SerializeToString()
        )

    async def _keep(self, project: int, batch: Batch, size: int) -> None:
        self._counts.rejected += batch.rejected
        if batch.spans or batch.events:
            await self._receiver.keep(project, batch, size)

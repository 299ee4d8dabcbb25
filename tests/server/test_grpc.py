"""OTLP over gRPC: the SDK's own exporter, and what is answered."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from regrade.domain.errors import StoreError
from regrade.online import Receiver
from regrade.server.app import Serving, application
from regrade.store import Store
from tests.fakes.live_server import live_server
from tests.fakes.ports import free_port
from tests.fakes.spans import as_protobuf, span


@pytest.fixture
def door(database: Path) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    with live_server(database, works=False, grpc=address):
        yield address


def sent(door: str, body: bytes, **metadata: str) -> Any:
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    with grpc.insecure_channel(door) as channel:
        return TraceServiceStub(channel).Export(request, metadata=[*metadata.items()], timeout=60)  # type: ignore[no-untyped-call]  # generated


def test_the_sdks_own_exporter_is_taken(door: str, database: Path) -> None:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=door, insecure=True)))
    with provider.get_tracer("t").start_as_current_span("answer") as root:
        pass
    provider.shutdown()
    with Store(database) as store:
        assert store.live.traces.find(1, f"{root.get_span_context().trace_id:032x}")


def test_what_cannot_be_kept_is_said(
    door: str, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = sent(door, as_protobuf([span(), {**span(), "spanId": "0" * 16}]))
    assert said.partial_success.rejected_spans == 1
    assert "span id is zero" in said.partial_success.error_message
    with grpc.insecure_channel(door) as channel:
        logs = ExportLogsServiceRequest()
        logs.resource_logs.add().scope_logs.add().log_records.add(trace_id=b"x", span_id=b"y")
        stub = LogsServiceStub(channel)  # type: ignore[no-untyped-call]  # generated
        assert stub.Export(logs).partial_success.rejected_log_records == 1
        assert not stub.Export(ExportLogsServiceRequest()).HasField("partial_success")
        raw = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as caught:
            raw(b"\xff\xff", timeout=60)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with Store(database) as store:
        [letter] = store.live.letters.of(1)
    assert (letter.kind, letter.body) == ("traces/protobuf", b"\xff\xff")

    async def keep(*_: Any) -> int:
        raise StoreError("away")

    monkeypatch.setattr(Receiver, "keep", keep)
    with pytest.raises(grpc.RpcError) as caught:
        sent(door, as_protobuf([span()]))
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNAVAILABLE, "away")


def test_a_key_is_asked_for(database: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with live_server(database, works=False, grpc=address, needs_keys=True):
        with pytest.raises(grpc.RpcError) as caught:
            sent(address, as_protobuf([span()]))
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        with Store(database) as store:
            secret = store.live.keys.make(store.live.projects.key("shop"), "x", "ingest", 0)
        sent(address, as_protobuf([span()]), authorization=f"Bearer {secret}")
        with Store(database) as store:
            assert store.live.traces.find(store.live.projects.key("shop"), f"{1:032x}")


@pytest.mark.anyio
async def test_without_the_extra_it_is_named(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    monkeypatch.delitem(sys.modules, "regrade.server.otlp.grpc", raising=False)
    app = application(Serving(place=database, works=False, grpc="127.0.0.1:0"))
    said: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        said.append(message)

    with pytest.raises(Exception, match=r"pip install 'regrade\[grpc\]'"):
        await app({"type": "lifespan", "asgi": {}}, receive, send)

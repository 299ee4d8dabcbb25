"""OTLP over real sockets: what exporters send, and what is answered."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from regrade.domain.errors import StoreError
from regrade.domain.live import ProjectSettings
from regrade.online import BusyError, Receiver
from regrade.server import bodies
from regrade.server.otlp.http import _status
from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.spans import as_json, as_protobuf, span

PROTOBUF = "application/x-protobuf"


@pytest.mark.parametrize(
    "compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate]
)
def test_the_sdks_own_exporter_is_taken(address: str, compression: Compression) -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    exporter = OTLPSpanExporter(endpoint=f"{address}/v1/traces", compression=compression)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("t")
    with tracer.start_as_current_span("answer") as root:
        root.set_attribute("tags", ["a", "b"])
        with tracer.start_as_current_span("inner"):
            pass
    provider.shutdown()
    trace_id = f"{root.get_span_context().trace_id:032x}"
    whole = call(f"{address}/api/v1/traces/{trace_id}").json
    assert [each["name"] for each in whole["spans"]] == ["answer", "inner"]
    assert whole["trace"]["state"] == "open"


def test_it_answers_in_the_encoding_that_was_sent(address: str) -> None:
    good, bad = span(), {**span(number=2), "spanId": "0" * 16}
    said = call(f"{address}/v1/traces", as_json([good, bad]))
    assert said.status == 200
    assert said.json["partialSuccess"]["rejectedSpans"] == "1"
    assert "its span id is zero" in said.json["partialSuccess"]["errorMessage"]
    assert call(f"{address}/v1/traces", as_json([good])).json == {}
    said = call(f"{address}/v1/traces", as_protobuf([good, bad]), content_type=PROTOBUF)
    assert said.headers["content-type"] == PROTOBUF
    message = ExportTraceServiceResponse()
    message.ParseFromString(said.body)
    assert message.partial_success.rejected_spans == 1
    logs = call(
        f"{address}/v1/logs",
        {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"traceId": "1"}]}]}]},
    )
    assert logs.json["partialSuccess"]["rejectedLogRecords"] == "1"
    empty = call(f"{address}/v1/logs", b"", content_type=PROTOBUF)
    assert (empty.status, empty.body) == (200, b"")
    metrics = call(f"{address}/metrics").body.decode()
    assert "regrade_spans_rejected_total 3" in metrics
    assert "regrade_spans_new_total 1" in metrics


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda body: gzip.compress(body[:40]) + gzip.compress(body[40:])),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("zstd", zstandard.compress),
        ("identity", bytes),
    ],
)
def test_every_compression_is_known(
    address: str, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    said = call(f"{address}/v1/traces", pack(as_json([span()])), content_encoding=encoding)
    assert (said.status, said.json) == (200, {})


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstandard.compress])
def test_bombs_are_not_unpacked(address: str, pack: Callable[[bytes], bytes]) -> None:
    names = {gzip.compress: "gzip", zlib.compress: "deflate", zstandard.compress: "zstd"}
    said = call(f"{address}/v1/traces", pack(b" " * 60_000_000), content_encoding=names[pack])
    assert said.status == 413
    assert "unpacked, the body is larger than" in said.json["message"]


def test_what_is_wrong_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{address}/v1/traces"
    assert call(url, b"x", content_type="text/plain").status == 415
    said = call(url, b"x", content_encoding="br")
    assert (said.status, said.json["message"]) == (
        415,
        "'br' is not known; gzip, deflate and zstd are",
    )
    for encoding in ("gzip", "deflate", "zstd"):
        assert call(url, b"not packed at all", content_encoding=encoding).status == 415
    assert call(url, gzip.compress(b"x" * 900)[:-9], content_encoding="gzip").status == 415
    monkeypatch.setattr(bodies, "MOST_SENT", 10)
    large = call(url, b"x" * 11, content_type=PROTOBUF)
    assert large.status == 413
    assert large.body == _status("the body is larger than 10 bytes")
    assert len(_status("x" * 300)) == 303


@pytest.mark.parametrize("time", [10**30, -1, 2**64])
def test_a_time_that_is_none_costs_its_span_alone(address: str, time: int) -> None:
    odd = {**span(5), "startTimeUnixNano": str(time), "endTimeUnixNano": str(time)}
    said = call(f"{address}/v1/traces", as_json([odd, span(6)]))
    assert said.json["partialSuccess"]["rejectedSpans"] == "1"
    assert "up to the year 2200" in said.json["partialSuccess"]["errorMessage"]
    assert call(f"{address}/api/v1/traces/{6:032x}").status == 200


def test_hostile_names_of_attributes_are_names(address: str) -> None:
    names = [
        "__proto__",
        "'; DROP TABLE live_spans; --",
        "\0",
        "\ud800",
        "x" * 20_000,
        "{{ 7*7 }}",
        "<script>",
        "",
        "a.b.c" * 300,
    ]
    attributes = [{"key": name, "value": {"stringValue": name[:50]}} for name in names]
    sent = {**span(), "attributes": attributes, "name": "\0<script>\ud800"}
    assert call(f"{address}/v1/traces", as_json([sent])).status == 200
    whole = call(f"{address}/api/v1/traces/{1:032x}")
    assert whole.status == 200
    [found] = whole.json["spans"]
    assert {"__proto__", "<script>", "{{ 7*7 }}"} <= set(found["attributes"])
    assert call(f"{address}/metrics").status == 200


def test_what_cannot_be_read_is_laid_aside_and_read_again(address: str, store: Store) -> None:
    url = f"{address}/v1/traces"
    said = call(url, b"{ no json")
    assert (said.status, "no OTLP in JSON" in said.json["message"]) == (400, True)
    [letter] = call(f"{address}/api/v1/dead-letters").json
    assert (letter["kind"], letter["size"], letter["is_kept"]) == ("traces/json", 9, True)
    assert call(f"{address}/api/v1/dead-letters/replay", {}).json == {"kept": 0}
    project = store.live.projects.key()
    store.live.letters.add(project, "traces/json", "once", as_json([span()]), 1, keeps_body=True)
    store.live.letters.add(project, "logs/json", "once", b"x", 1, keeps_body=False)
    assert call(f"{address}/api/v1/dead-letters/replay", {}).json == {"kept": 1}
    assert len(call(f"{address}/api/v1/dead-letters").json) == 2
    store.live.projects.change(project, ProjectSettings(redact=True))
    call(url, b"ada@example.org")
    newest = store.live.letters.of(project)[0]
    assert (newest.size, newest.body) == (15, None), "its body may hold personal data"


@pytest.mark.parametrize("error", [BusyError("too much"), StoreError("away")])
def test_under_pressure_it_asks_for_patience(
    address: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def keep(*_: Any) -> int:
        raise error

    monkeypatch.setattr(Receiver, "keep", keep)
    said = call(f"{address}/v1/traces", as_json([span()]))
    assert (said.status, said.headers["retry-after"], said.json["message"]) == (
        503,
        "2",
        str(error),
    )
    if isinstance(error, BusyError):
        body = {"spans": [{"trace_id": "1" * 32, "span_id": "2" * 16, "name": "n", "started_at": "2027-01-01T00:00:00Z"}]}  # fmt: skip
        assert call(f"{address}/api/v1/spans", body).status == 503

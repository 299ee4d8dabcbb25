"""Requests of OTLP, written as exporters write them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from regrade.ingest import RawSpan
from regrade.ingest.otlp import Arrived, Batch

BEGAN = 1_800_000_000_000_000_000


def span(
    trace: int = 1,
    number: int = 1,
    *,
    parent: int | None = None,
    ended: bool = True,
    name: str = "answer",
    **attributes: Any,
) -> dict[str, Any]:
    """A span as JSON has it."""
    return {
        "traceId": f"{trace:032x}",
        "spanId": f"{number:016x}",
        **({} if parent is None else {"parentSpanId": f"{parent:016x}"}),
        "name": name,
        "startTimeUnixNano": str(BEGAN + trace * 10**9 + number * 1000),
        "endTimeUnixNano": str(BEGAN + trace * 10**9 + number * 1000 + 10**8) if ended else "0",
        "attributes": [
            {"key": key.replace("__", "."), "value": value_of(value)}
            for key, value in attributes.items()
        ],
    }


def value_of(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def request(spans: Sequence[Any], resource: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A request as JSON has it."""
    about = [{"key": k, "value": {"stringValue": v}} for k, v in (resource or {}).items()]
    return {
        "resourceSpans": [{"resource": {"attributes": about}, "scopeSpans": [{"spans": spans}]}]
    }


def as_json(spans: Sequence[Any], resource: Mapping[str, str] | None = None) -> bytes:
    return json.dumps(request(spans, resource)).encode()


def as_protobuf(spans: Sequence[Mapping[str, Any]]) -> bytes:
    """The same spans in protobuf."""
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    for each in spans:
        made = scope.spans.add(
            trace_id=bytes.fromhex(each["traceId"]),
            span_id=bytes.fromhex(each["spanId"]),
            parent_span_id=bytes.fromhex(each.get("parentSpanId", "")),
            name=each["name"],
            start_time_unix_nano=int(each["startTimeUnixNano"]),
            end_time_unix_nano=int(each["endTimeUnixNano"]),
        )
        for pair in each["attributes"]:
            made.attributes.add(key=pair["key"]).value.string_value = pair["value"]["stringValue"]
    return bytes(message.SerializeToString())


def batch(*raw: RawSpan, trace: int = 1, **resource: Any) -> Batch:
    """What was read of a request."""
    about = {key.replace("__", "."): value for key, value in resource.items()}
    return Batch(
        spans=[Arrived(trace_id=f"{trace:032x}", span=each, resource=about) for each in raw]
    )


def raw(
    number: int = 1, parent: int | None = None, *, name: str = "answer", **attributes: Any
) -> RawSpan:
    """A span as it is kept."""
    if {"input__value", "output__value"} & {*attributes}:
        attributes.setdefault("openinference__span__kind", "CHAIN")
    return RawSpan(
        span_id=f"{number:016x}",
        parent_id=None if parent is None else f"{parent:016x}",
        name=name,
        start_ns=BEGAN + number * 1000,
        end_ns=BEGAN + number * 1000 + 10**8,
        attributes={key.replace("__", "."): value for key, value in attributes.items()},
    )

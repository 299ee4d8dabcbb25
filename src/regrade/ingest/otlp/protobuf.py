"""OTLP in protobuf."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from regrade.ingest.raw import RawEvent, RawSpan

from .arrived import Arrived, ArrivedEvent, Batch, is_told
from .ids import MalformedError, fault_of, time_fault_of
from .values import Cut, attributes_of, value_of

ERROR = 2
"""The code of a status that is an error."""


def read_traces(body: bytes) -> Batch:
    """Read spans.

    Raises: MalformedError when it is no such message at all.
    """
    batch = Batch()
    request = _parsed(ExportTraceServiceRequest, body)
    for resource, spans in _scopes(request.resource_spans, "scope_spans", "spans"):
        for span in spans:
            trace_id, span_id = span.trace_id.hex(), span.span_id.hex()
            times = (span.start_time_unix_nano, span.end_time_unix_nano)
            fault = fault_of(trace_id, span_id) or time_fault_of(*times)
            if fault is not None:
                batch.reject(f"span {span.name[:80]!r}", fault)
                continue
            arrived = Arrived(trace_id=trace_id, span=_span(span, span_id), resource=resource)
            batch.spans.append(arrived)
    return batch


def read_logs(body: bytes) -> Batch:
    """Read records of logs; those without a trace are ignored.

    Raises: MalformedError when it is no such message at all.
    """
    batch = Batch()
    request = _parsed(ExportLogsServiceRequest, body)
    for _, records in _scopes(request.resource_logs, "scope_logs", "log_records"):
        for record in records:
            trace_id, span_id = record.trace_id.hex(), record.span_id.hex()
            if not trace_id:
                batch.ignored += 1
                continue
            if (fault := fault_of(trace_id, span_id)) is not None:
                batch.reject("log record", fault)
                continue
            event = _record(record)
            if not is_told(event):
                batch.ignored += 1
                continue
            batch.events.append(ArrivedEvent(trace_id=trace_id, span_id=span_id, event=event))
    return batch


def _parsed(kind: Any, body: bytes) -> Any:
    message = kind()
    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise MalformedError(f"this is no {kind.__name__} in protobuf: {error}") from None
    return message


def _scopes(groups: Any, scopes: str, items: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give the items of each scope with the attributes of what sent them."""
    for group in groups:
        resource = attributes_of(group.resource.attributes, Cut())
        for scope in getattr(group, scopes):
            yield resource, getattr(scope, items)


def _span(span: Any, span_id: str) -> RawSpan:
    cut = Cut()
    attributes = attributes_of(span.attributes, cut)
    events = tuple(
        RawEvent(name=event.name, attributes=attributes_of(event.attributes, cut))
        for event in span.events
    )
    return RawSpan(
        span_id=span_id,
        parent_id=span.parent_span_id.hex() or None,
        name=cut.text(span.name),
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano or None,
        is_error=span.status.code == ERROR,
        status=cut.text(span.status.message),
        attributes=attributes,
        events=events,
        is_truncated=cut.happened or span.dropped_attributes_count > 0,
    )


def _record(record: Any) -> RawEvent:
    cut = Cut()
    attributes = attributes_of(record.attributes, cut)
    body = value_of(record.body, cut)
    if isinstance(body, dict):
        attributes = {**body, **attributes}
    elif body is not None:
        attributes["body"] = body
    return RawEvent(
        name=record.event_name or str(attributes.get("event.name") or ""), attributes=attributes
    )

"""OTLP in JSON: ids in hexadecimal, 64-bit numbers as texts, enumerations as numbers or names."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from regrade.domain import Json
from regrade.ingest.raw import RawEvent, RawSpan

from .arrived import Arrived, ArrivedEvent, Batch, is_told
from .ids import MalformedError, fault_of, time_fault_of
from .values import Cut, json_attributes, json_value

_ERROR = (2, "2", "STATUS_CODE_ERROR")
_BAD = (ValueError, TypeError, LookupError, AttributeError)


def read_traces(body: bytes) -> Batch:
    """Read spans.

    Raises: MalformedError when it is no such message at all.
    """
    batch = Batch()
    for resource, span in _items(body, "resourceSpans", "scopeSpans", "spans"):
        name = str(span.get("name", ""))[:80] if isinstance(span, Mapping) else "?"
        try:
            trace_id, span_id = str(span["traceId"]).lower(), str(span["spanId"]).lower()
            fault = fault_of(trace_id, span_id)
            read = None if fault else _span(span, span_id)
            if read is not None:
                fault = time_fault_of(read.start_ns, read.end_ns or 0)
                read = None if fault else read
        except _BAD as error:
            fault, read = f"{type(error).__name__}: {error}"[:200], None
        if read is None:
            batch.reject(f"span {name!r}", fault or "it cannot be read")
            continue
        batch.spans.append(Arrived(trace_id=trace_id, span=read, resource=resource))
    return batch


def read_logs(body: bytes) -> Batch:
    """Read records of logs; those without a trace are ignored.

    Raises: MalformedError when it is no such message at all.
    """
    batch = Batch()
    for _, record in _items(body, "resourceLogs", "scopeLogs", "logRecords"):
        try:
            trace_id = str(record.get("traceId") or "").lower()
            if not trace_id:
                batch.ignored += 1
                continue
            span_id = str(record.get("spanId") or "").lower()
            fault = fault_of(trace_id, span_id)
            event = None if fault else _record(record)
        except _BAD as error:
            fault, event = f"{type(error).__name__}: {error}"[:200], None
        if event is None:
            batch.reject("log record", fault or "it cannot be read")
            continue
        if not is_told(event):
            batch.ignored += 1
            continue
        batch.events.append(ArrivedEvent(trace_id=trace_id, span_id=span_id, event=event))
    return batch


def _items(
    body: bytes, groups: str, scopes: str, items: str
) -> Iterator[tuple[dict[str, Json], Any]]:
    """Give every item with the attributes of what sent it."""
    try:
        message = _parsed(body)
        if not isinstance(message, Mapping):
            raise TypeError(f"it is {type(message).__name__} and not an object")
        found = [
            (_resource(group), item)
            for group in message.get(groups) or ()
            for scope in group.get(scopes) or ()
            for item in scope.get(items) or ()
        ]
    except (*_BAD, RecursionError) as error:
        raise MalformedError(f"this is no OTLP in JSON: {error}"[:300]) from None
    return iter(found)


def _parsed(body: bytes) -> Json:
    """Read JSON; half of a pair of surrogates, which some languages write, costs no batch: a question
    mark stands for it.

    Raises: ValueError, RecursionError.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        whole = json.dumps(json.loads(body), ensure_ascii=False)
        return json.loads(whole.encode("utf-8", "replace"))


def _resource(group: Any) -> dict[str, Json]:
    return json_attributes((group.get("resource") or {}).get("attributes"), Cut())


def _span(span: Mapping[str, Any], span_id: str) -> RawSpan:
    cut = Cut()
    status = span.get("status") or {}
    ended = int(span.get("endTimeUnixNano") or 0)
    return RawSpan(
        span_id=span_id,
        parent_id=str(span.get("parentSpanId") or "").lower() or None,
        name=cut.text(str(span.get("name") or "")),
        start_ns=int(span.get("startTimeUnixNano") or 0),
        end_ns=ended or None,
        is_error=status.get("code") in _ERROR,
        status=cut.text(str(status.get("message") or "")),
        attributes=json_attributes(span.get("attributes"), cut),
        events=tuple(
            RawEvent(
                name=str(event.get("name") or ""),
                attributes=json_attributes(event.get("attributes"), cut),
            )
            for event in span.get("events") or ()
        ),
        is_truncated=int(span.get("droppedAttributesCount") or 0) > 0 or cut.happened,
    )


def _record(record: Mapping[str, Any]) -> RawEvent:
    cut = Cut()
    attributes = json_attributes(record.get("attributes"), cut)
    body = json_value(record.get("body"), cut)
    if isinstance(body, dict):
        attributes = {**body, **attributes}
    elif body is not None:
        attributes["body"] = body
    name = record.get("eventName") or attributes.get("event.name") or ""
    return RawEvent(name=str(name), attributes=attributes)

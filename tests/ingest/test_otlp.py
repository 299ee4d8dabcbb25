"""OTLP: what exporters send, and what is none of it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from regrade.ingest.otlp import MalformedError, read_logs, read_traces
from regrade.ingest.otlp.reading import Encoding
from regrade.ingest.otlp.values import MOST_ATTRIBUTES, MOST_CHARACTERS, TOO_DEEP
from tests.fakes.spans import as_json, as_protobuf, request, span


def test_both_encodings_say_the_same() -> None:
    spans = [span(number=1, a="x"), span(number=2, parent=1, ended=False, b="ü")]
    one, two = read_traces(as_json(spans), "json"), read_traces(as_protobuf(spans), "protobuf")
    assert [each.span for each in one.spans] == [each.span for each in two.spans]
    first, second = one.spans
    assert (first.trace_id, first.span.span_id) == (f"{1:032x}", f"{1:016x}")
    assert first.span.attributes == {"a": "x"}
    assert (second.span.parent_id, second.span.end_ns) == (f"{1:016x}", None)


def test_one_bad_span_costs_only_itself() -> None:
    odd: list[Any] = [
        {**span(), "traceId": "12"},
        {**span(), "spanId": "0" * 16},
        {**span(), "startTimeUnixNano": "soon"},
        {**span(), "attributes": [{"value": {}}]},
        "no span",
        {},
        {**span(), "attributes": [{"key": "a", "value": {"oddValue": 1}}]},
    ]
    batch = read_traces(as_json([*odd, span(number=9)]), "json")
    assert [each.span.span_id for each in batch.spans] == [f"{9:016x}"]
    assert batch.rejected == 7
    assert "its trace id is '12'; it has 32 hexadecimal digits" in batch.message
    assert "its span id is zero" in batch.message
    assert batch.message.endswith("; and 2 more")
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    scope.spans.add(trace_id=b"x", span_id=b"y", name="bad")
    scope.spans.add(trace_id=b"x" * 16, span_id=b"y" * 8)
    batch = read_traces(message.SerializeToString(), "protobuf")
    assert (len(batch.spans), batch.rejected) == (1, 1)
    assert "span 'bad'" in batch.message


@pytest.mark.parametrize("body", [b"", b"{}", b'{"resourceSpans": []}', b'{"resourceSpans": null}'])
def test_nothing_is_nothing(body: bytes) -> None:
    if body:
        assert read_traces(body, "json").spans == []
    else:
        assert read_traces(body, "protobuf").spans == []


@pytest.mark.parametrize(
    "body", [b"", b"[", b"[]", b'"x"', b"[" * 100_000, b'{"resourceSpans": 3}', b'{"resourceSpans": [3]}', b"\xff"]
)  # fmt: skip
def test_what_is_no_message_is_said(body: bytes) -> None:
    with pytest.raises(MalformedError, match="no OTLP in JSON"):
        read_traces(body, "json")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    encodings: tuple[Encoding, ...] = ("json", "protobuf")
    for encoding in encodings:
        for read in (read_traces, read_logs):
            with suppress(MalformedError):
                read(body, encoding)


def test_values_of_every_kind_are_plain() -> None:
    message = ExportTraceServiceRequest()
    made = (
        message.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, dropped_attributes_count=2)
    )
    made.status.code = 2
    made.status.message = "bad"
    for name, kind, value in (
        ("i", "int_value", 3), ("d", "double_value", 0.5), ("n", "double_value", float("nan")),
        ("b", "bool_value", True), ("y", "bytes_value", b"\0\1"), ("s", "string_value", "x"),
    ):  # fmt: skip
        setattr(made.attributes.add(key=name).value, kind, value)
    made.attributes.add(key="none")
    items = made.attributes.add(key="list").value.array_value.values
    items.add().string_value = "one"
    pairs = made.attributes.add(key="map").value.kvlist_value.values
    pairs.add(key="k").value.int_value = 1
    event = made.events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = "E"
    [arrived] = read_traces(message.SerializeToString(), "protobuf").spans
    assert arrived.span.attributes == {
        "i": 3, "d": 0.5, "n": "nan", "b": True, "y": "AAE=", "s": "x", "none": None, "list": ["one"], "map": {"k": 1},
    }  # fmt: skip
    assert (arrived.span.is_error, arrived.span.status, arrived.span.is_truncated) == (
        True,
        "bad",
        True,
    )
    assert arrived.span.events[0].attributes == {"exception.type": "E"}
    values = [
        ("b", {"boolValue": True}), ("d", {"doubleValue": "NaN"}), ("y", {"bytesValue": "AAE="}), ("e", {}),
        ("l", {"arrayValue": {"values": [{"intValue": 1}]}}), ("o", {"arrayValue": {}}),
        ("m", {"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": "v"}}]}}),
    ]  # fmt: skip
    given_ = {**span(), "attributes": [{"key": k, "value": v} for k, v in values], "status": {"code": "STATUS_CODE_ERROR"}}  # fmt: skip
    [arrived] = read_traces(as_json([given_]), "json").spans
    assert arrived.span.attributes == {"b": True, "d": "nan", "y": "AAE=", "e": None, "l": [1], "o": [], "m": {"k": "v"}}  # fmt: skip
    assert arrived.span.is_error
    plain = {**span(), "attributes": {"a": "home-made", "n": 1}, "events": [{"name": "e"}]}
    [arrived] = read_traces(as_json([plain]), "json").spans
    assert arrived.span.attributes == {"a": "home-made", "n": 1}


def test_what_is_too_much_is_cut_and_marked() -> None:
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(60):
        deep = {"arrayValue": {"values": [deep]}}
    for attributes in (
        [{"key": "deep", "value": deep}],
        [{"key": "long", "value": {"stringValue": "x" * (MOST_CHARACTERS + 5)}}],
        [{"key": f"k{n}", "value": {"intValue": n}} for n in range(MOST_ATTRIBUTES + 5)],
    ):
        [arrived] = read_traces(as_json([{**span(), "attributes": attributes}]), "json").spans
        assert arrived.span.is_truncated
        assert len(arrived.span.attributes) <= MOST_ATTRIBUTES
        assert len(arrived.span.attributes.get("long", "")) <= MOST_CHARACTERS
    assert TOO_DEEP in json.dumps(read_traces(as_json([{**span(), "attributes": [{"key": "deep", "value": deep}]}]), "json").spans[0].span.attributes)  # fmt: skip
    message = ExportTraceServiceRequest()
    made = (
        message.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    )
    value = made.attributes.add(key="deep").value
    for _ in range(40):
        value = value.array_value.values.add()
    for n in range(MOST_ATTRIBUTES + 5):
        made.attributes.add(key=f"k{n}").value.int_value = n
    made.attributes.add(key="late").value.string_value = "x" * (MOST_CHARACTERS + 1)
    [arrived] = read_traces(message.SerializeToString(), "protobuf").spans
    assert arrived.span.is_truncated
    assert TOO_DEEP in json.dumps(arrived.span.attributes)
    long = ExportTraceServiceRequest()
    made = (
        long.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    )
    made.attributes.add(key="long").value.string_value = "x" * (MOST_CHARACTERS + 1)
    [arrived] = read_traces(long.SerializeToString(), "protobuf").spans
    assert arrived.span.is_truncated


def test_log_records_belong_to_spans() -> None:
    record = {
        "traceId": f"{1:032x}",
        "spanId": f"{2:016x}",
        "eventName": "gen_ai.choice",
        "body": {
            "kvlistValue": {"values": [{"key": "role", "value": {"stringValue": "assistant"}}]}
        },
        "attributes": [{"key": "index", "value": {"intValue": "0"}}],
    }
    records = [record, {**record, "body": {"stringValue": "said"}}, {"body": {}}, {**record, "spanId": "1"}, {**record, "attributes": [3]}]  # fmt: skip
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    batch = read_logs(body, "json")
    assert [each.event.name for each in batch.events] == ["gen_ai.choice"] * 2
    assert batch.events[0].event.attributes == {"role": "assistant", "index": 0}
    assert batch.events[1].event.attributes["body"] == "said"
    assert (batch.ignored, batch.rejected) == (1, 2)
    message = ExportLogsServiceRequest()
    scope = message.resource_logs.add().scope_logs.add()
    kept = scope.log_records.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    kept.attributes.add(key="event.name").value.string_value = "gen_ai.user.message"
    kept.body.kvlist_value.values.add(key="content").value.string_value = "hi"
    plain = scope.log_records.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    plain.body.string_value = "words"
    plain.attributes.add(key="gen_ai.system").value.string_value = "openai"
    other = scope.log_records.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    other.body.string_value = "an application logs much else"
    scope.log_records.add()
    scope.log_records.add(trace_id=b"t", span_id=b"s" * 8)
    batch = read_logs(message.SerializeToString(), "protobuf")
    assert batch.events[0].event.name == "gen_ai.user.message"
    assert batch.events[0].event.attributes["content"] == "hi"
    assert batch.events[1].event.attributes == {"body": "words", "gen_ai.system": "openai"}
    assert (batch.ignored, batch.rejected) == (2, 1)
    assert request([])["resourceSpans"]

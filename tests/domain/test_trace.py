import copy
import json
import pickle
from datetime import UTC, datetime

import pytest

from regrade.domain import (
    NOT_CAPTURED,
    Document,
    TargetFailure,
    ToolCall,
    Trace,
    Usage,
    restored_trace,
    trace_content,
)
from regrade.domain.errors import NotJsonError


def test_a_trace_survives_being_written_and_read() -> None:
    trace = Trace(
        output={"a": ["\ud800", "\0", 1.5]},
        retrieved=(Document(id="d", text="t", score=0.5, metadata={"u": 1}), Document()),
        tool_calls=(ToolCall(name="f", arguments={"x": 1}, result=[1], error="e"),),
        usage=Usage(input_tokens=1, cost_usd=0.5),
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
        latency_s=0.25,
        ttft_s=0.1,
        tries=3,
        metadata={"k": "v"},
    )
    assert restored_trace(json.loads(json.dumps(trace_content(trace)))) == trace


@pytest.mark.parametrize(
    "trace",
    [
        Trace(),
        Trace(output=None),
        Trace(output=""),
        Trace(error=TargetFailure(kind="timeout", message="late")),
    ],
)
def test_nothing_captured_is_not_an_empty_output(trace: Trace) -> None:
    back = restored_trace(trace_content(trace))
    assert back == trace
    assert back.is_captured is trace.is_captured


def test_not_captured_is_one_value() -> None:
    for twin in (
        copy.copy(NOT_CAPTURED),
        copy.deepcopy(NOT_CAPTURED),
        pickle.loads(pickle.dumps(NOT_CAPTURED)),
    ):
        assert twin is NOT_CAPTURED
    assert repr(NOT_CAPTURED) == "NOT_CAPTURED"


def test_the_output_is_text_and_json() -> None:
    assert Trace(output={"ä": 1}).output_text == '{"ä": 1}'
    assert Trace(output='{"a": 1}').output_json == {"a": 1}
    assert Trace(output=[1]).output_json == [1]
    with pytest.raises(NotJsonError):
        _ = Trace(output="words").output_json


def test_unknown_tokens_are_not_zero() -> None:
    assert Usage().tokens is None
    assert Usage(input_tokens=2, output_tokens=3).tokens == 5

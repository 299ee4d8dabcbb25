import pytest

from regrade.analysis.components import component_operations
from regrade.domain import (
    NOT_CAPTURED,
    Attempt,
    Case,
    Component,
    Document,
    Span,
    ToolCall,
    Trace,
    Usage,
)
from regrade.graders import contains, latency, recall_at_k
from regrade.runner.grading import grade_trace

FIND = Component(name="retrieval", span="find")
WRITE = Component(name="generation", kind="llm", attribute={"stage": "final"})
TOOLS = Component(name="tools", kind="tool")
SPANS = (
    Span(span_id="1", name="find", kind="retrieval", duration_s=0.1, retrieved=(Document(id="a"),)),
    Span(span_id="2", name="chat", kind="llm", duration_s=1.0, output="draft"),
    Span(
        span_id="3",
        name="chat",
        kind="llm",
        duration_s=2.0,
        output="the answer",
        attributes={"stage": "final"},
        usage=Usage(input_tokens=5, cost_usd=0.5),
    ),
    Span(
        span_id="4", name="t", kind="tool", error="boom", tool_call=ToolCall(name="t", error="boom")
    ),
)
TRACE = Trace(output="said to the user", spans=SPANS, latency_s=9)


def test_a_component_is_recognised_by_name_kind_and_attribute() -> None:
    assert [s.span_id for s in FIND.spans_in(TRACE)] == ["1"]
    assert [s.span_id for s in WRITE.spans_in(TRACE)] == ["3"]
    assert Component(name="x").spans_in(TRACE) == ()


def test_a_view_is_the_trace_of_one_component() -> None:
    found, written, tools = (each.view(TRACE) for each in (FIND, WRITE, TOOLS))
    assert found is not None
    assert (found.output, found.latency_s) == (NOT_CAPTURED, 0.1)
    assert found.retrieved == (Document(id="a"),)
    assert written is not None
    assert (written.output, written.latency_s) == ("the answer", 2.0)
    assert tools is not None
    assert tools.error is not None
    assert tools.error.message == "tools failed: boom"
    assert Component(name="gone", span="gone").view(TRACE) is None
    assert Component(name="plain").view(TRACE) is TRACE
    bare = Trace(output="x")
    assert FIND.view(bare) is bare


@pytest.mark.anyio
async def test_graders_of_a_component_see_what_it_did() -> None:
    case = Case(input="q", expected={"answer": "the answer"}, relevant_documents=())
    graders = [
        contains(component="generation"),
        contains(component=None),
        latency(component="retrieval", max="200ms"),
        contains(component="tools"),
        contains(component="gone"),
        recall_at_k(component="retrieval"),
    ]
    parts = (FIND, WRITE, TOOLS, Component(name="gone", span="gone"))
    grades = (await grade_trace(case, TRACE, graders, None, parts)).grades
    assert [grade.passed for grade in grades] == [True, False, True, False, None, None]
    assert "left no span" in grades[4].reason
    assert "relevant_documents is missing" in grades[5].reason


def test_what_components_took_is_estimated_from_their_spans() -> None:
    attempts = [Attempt(case=Case(id=f"c{n}", input=n), trace=TRACE) for n in range(4)]
    found = component_operations(
        attempts, [FIND, WRITE, TOOLS, Component(name="gone", span="gone")]
    )
    assert list(found) == ["retrieval", "generation", "tools"]
    assert found["generation"].spans == 4
    assert found["generation"].latency_p50.value == 2.0
    assert (found["generation"].tokens, found["generation"].cost_usd) == (20, 2.0)
    assert found["tools"].error_rate.value == 1.0
    assert found["tools"].latency_p50.value is None
    assert found["retrieval"].cost_usd is None

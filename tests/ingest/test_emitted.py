"""Spans that real libraries emitted (see emitting/README.md) become ours, and nothing of them is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from regrade.domain import NOT_CAPTURED, Json, Span, Trace, restored_span, span_content
from regrade.ingest import RawEvent, RawSpan, seen_by, to_spans
from regrade.ingest.spans import _SECRET, _UNDERSTOOD

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.jsonl"))
CALL = {"tool_calls": [{"name": "find_order", "arguments": {"number": "7"}}]}
ASKED, SAID = "Answer briefly.\nWhere is order 7?", "Order 7 is on its way."


def raw_spans(name: str) -> list[RawSpan]:
    rows = [json.loads(line) for line in (FIXTURES / f"{name}.jsonl").read_text().splitlines()]
    apart = ("library", "version", "events")
    return [
        RawSpan(
            **{key: value for key, value in row.items() if key not in apart},
            events=tuple(RawEvent(**event) for event in row["events"]),
        )
        for row in rows
    ]


def spans(name: str) -> tuple[Span, ...]:
    raw = raw_spans(name)
    return to_spans(raw, min(each.start_ns for each in raw))


def trace(name: str) -> Trace:
    return seen_by(Trace(), spans(name))


def outline(name: str) -> list[tuple[str, str]]:
    return [(each.name, each.kind) for each in spans(name)]


def llm(name: str) -> list[tuple[Json, Json]]:
    return [(each.input, each.output) for each in trace(name).llm_calls]


def test_the_fixtures_are_all_spoken_of_here() -> None:
    assert {*NAMES} == {*KINDS}


KINDS: dict[str, list[str]] = {
    "genai": ["llm", "llm", "embedding", "llm"],
    "genai_util": ["chain", "agent", "retrieval", "tool", "llm", "embedding", "tool"],
    "langfuse": ["agent", "retrieval", "tool", "tool", "llm"],
    "langsmith": ["chain", "retrieval", "tool", "llm"],
    "lmnr": ["span", "tool", "llm"],
    "mlflow": ["agent", "retrieval", "tool", "llm"],
    "openinference": ["llm", "llm", "embedding", "chain", "agent", "retrieval", "reranker", "guardrail", "tool", "tool"],
    "pydantic_ai": ["agent", "llm", "tool", "llm"],
    "traceloop": ["chain", "agent", "tool", "tool", "chain", "llm", "llm", "embedding"],
    "vercel": ["chain", "llm", "tool", "llm", "chain", "llm", "embedding", "embedding"],
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_of_the_kind_that_it_is(name: str) -> None:
    assert [each.kind for each in spans(name)] == KINDS[name]


@pytest.mark.parametrize("name", NAMES)
def test_what_no_dialect_reads_is_kept(name: str) -> None:
    ours = {each.span_id: each for each in spans(name)}
    for raw in raw_spans(name):
        kept = ours[raw.span_id].attributes
        lost = {
            key
            for key in raw.attributes
            if key not in kept
            and not _UNDERSTOOD.match(key)
            and not any(word in key.lower() for word in _SECRET)
        }
        assert not lost


@pytest.mark.parametrize("name", NAMES)
def test_it_survives_being_stored(name: str) -> None:
    for each in spans(name):
        assert restored_span(json.loads(json.dumps(span_content(each)))) == each


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("genai", [(ASKED, CALL), (ASKED, SAID), (NOT_CAPTURED, NOT_CAPTURED)]),
        ("genai_util", [(f'{ASKED}\n{{"state": "on its way"}}', "On its way.")]),
        ("openinference", [(ASKED, CALL), (ASKED, SAID)]),
        ("traceloop", [(ASKED, CALL), (ASKED, SAID)]),
        ("pydantic_ai", [(ASKED, CALL), (f'{ASKED}\n{{"state": "7 is on its way"}}', SAID)]),
        ("langfuse", [("Where is order 7?", "On its way.")]),
        ("langsmith", [("Where is order 7?", "On its way.")]),
        ("mlflow", [("Where is order 7?", "On its way.")]),
        ("lmnr", [("Where is order 7?", "On its way.")]),
    ],
)
def test_what_models_were_asked_and_said(name: str, calls: list[tuple[Any, Any]]) -> None:
    """The call of a tool is an answer; content that was not captured is not an empty one."""
    assert llm(name) == calls


def test_vercel_answers() -> None:
    assert [each.output for each in trace("vercel").llm_calls] == [
        CALL,
        SAID,
        {"state": "on its way"},
    ]
    assert trace("vercel").llm_calls[0].messages[1].content == "Where is order 7?"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("genai_util", [({"number": "7"}, None), ({"number": "7"}, "not allowed")]),
        ("langfuse", [({"number": "7"}, None), ({"number": "7"}, "not allowed")]),
        ("openinference", [({"number": "7"}, None), (None, "ValueError: not allowed")]),
        ("traceloop", [({"args": ["7"]}, None), ({"args": ["7"]}, "not allowed")]),
        ("langsmith", [({"number": "7"}, None)]),
        ("mlflow", [({"number": "7"}, None)]),
        ("lmnr", [({"number": "7"}, None)]),
        ("pydantic_ai", [({"number": "7"}, None)]),
        ("vercel", [({"number": "7"}, None)]),
    ],
)
def test_which_tools_were_called(name: str, called: list[tuple[Json, str | None]]) -> None:
    calls = trace(name).tool_calls or ()
    assert [(call.arguments, call.error) for call in calls] == called
    assert [call.name for call in calls] == ["find_order", "refund"][: len(called)]
    assert calls[0].result in ({"state": "on its way"}, {"state": "7 is on its way"})


@pytest.mark.parametrize("name", ["genai_util", "langfuse", "langsmith", "mlflow", "openinference"])
def test_which_documents_were_found(name: str) -> None:
    [first, *_] = trace(name).retrieved or ()
    assert first.id == "doc_1"
    assert str(first.text).startswith("Order 7 left")


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("genai", (67, 24, None)),
        ("genai_util", (25, 8, 5)),
        ("langfuse", (21, 8, 5)),
        ("langsmith", (21, 8, None)),
        ("openinference", (46, 16, 10)),
        ("pydantic_ai", (42, 16, 10)),
        ("traceloop", (46, 16, 10)),
        ("vercel", (63, 24, 10)),
    ],
)
def test_tokens_are_counted_once(name: str, tokens: tuple[int, int, int | None]) -> None:
    usage = trace(name).usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == tokens


def test_a_reported_cost_says_that_it_is() -> None:
    usage = trace("langfuse").usage
    assert usage is not None
    assert (usage.cost_usd, usage.priced_by) == (0.002, "reported")


@pytest.mark.parametrize(
    "name", ["genai_util", "openinference", "pydantic_ai", "traceloop", "vercel"]
)
def test_which_tools_a_model_was_offered(name: str) -> None:
    [tool] = trace(name).llm_calls[0].tools
    assert tool.name == "find_order"
    assert tool.description == "Find an order."
    assert tool.parameters["required"] == ["number"]


def test_bytes_of_pictures_are_not_taken_for_text() -> None:
    call = trace("genai_util").llm_calls[0]
    assert call.messages[1].content == "Where is order 7?"
    assert [each.name for each in call.messages[2].tool_calls] == ["find_order"]


def test_errors_are_told() -> None:
    broken = [each.error for name in NAMES for each in spans(name) if each.error]
    assert broken == [
        "not allowed",
        "not allowed",
        "ValueError: not allowed",
        "ValueError: not allowed",
    ]

"""The dialects, as their providers' reference pages give them (each fixture names its page)."""

import json
from pathlib import Path
from typing import Any

import pytest

from regrade.chat import chat_completions, messages, responses
from regrade.chat.client import DIALECTS
from regrade.domain import ChatRequest, Message, ToolCall
from regrade.domain.errors import TargetError, TransientError

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))
CONVERSATION = ChatRequest(
    messages=[
        Message(role="system", content="Be brief."),
        Message(role="user", content="Find it."),
        Message(
            role="assistant", content="", tool_calls=(ToolCall(name="find", arguments={"q": "it"}),)
        ),
        Message(role="tool", content="found", tool_call_id="call_0"),
    ]
)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda p: p.stem)
def test_a_documented_reply_is_read(path: Path) -> None:
    fixture = json.loads(path.read_text())
    expected = fixture["expected"]
    assert fixture["source"].startswith("https://")
    reply = DIALECTS[fixture["dialect"]].read(fixture["reply"])
    assert reply.text == expected["text"]
    assert [[call.name, call.arguments] for call in reply.tool_calls] == expected["tool_calls"]
    usage = reply.usage
    assert [usage.input_tokens, usage.output_tokens, usage.cached_tokens] == expected["usage"]
    assert usage.cost_usd == expected.get("cost")
    assert (reply.model, reply.stop_reason) == (expected["model"], expected["stop_reason"])


def test_a_conversation_with_tools_is_written_for_chat_completions() -> None:
    body = chat_completions.body("m", CONVERSATION, stream=True)
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["tool_calls"][0]["function"] == {
        "name": "find",
        "arguments": '{"q": "it"}',
    }
    assert body["messages"][3]["tool_call_id"] == "call_0"
    assert body["stream_options"] == {"include_usage": True}


def test_a_conversation_with_tools_is_written_for_responses() -> None:
    body = responses.body("m", CONVERSATION, stream=False)
    assert [item.get("type", item.get("role")) for item in body["input"]] == [
        "system",
        "user",
        "function_call",
        "function_call_output",
    ]
    assert body["store"] is False


def test_a_conversation_with_tools_is_written_for_messages() -> None:
    body = messages.body("m", CONVERSATION, stream=False)
    assert body["system"] == "Be brief."
    assert body["max_tokens"] == messages.MOST_TOKENS
    assert [m["role"] for m in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"][0]["type"] == "tool_use"
    assert body["messages"][2]["content"][0]["tool_use_id"] == "call_0"


def test_arguments_that_are_not_json_are_kept_as_the_model_wrote_them() -> None:
    function = {"name": "f", "arguments": "{oops"}
    message = {"content": None, "tool_calls": [{"function": function}]}
    [call] = chat_completions.read({"choices": [{"message": message}]}).tool_calls
    assert call.arguments == "{oops"
    assert (
        chat_completions.read(
            {"choices": [{"message": {"content": [{"text": "a"}, {"text": "b"}]}}]}
        ).text
        == "ab"
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "server_error", "message": "m"}, TransientError),
        ({"code": "rate_limit_exceeded"}, TransientError),
        ({"code": "invalid_prompt", "message": "m"}, TargetError),
    ],
)
def test_a_response_that_failed_says_so(error: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind, match="the model failed") as caught:
        responses.read({"status": "failed", "error": error, "output": []})
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "overloaded_error", "message": "Overloaded"}, TransientError),
        ({"type": "api_error"}, TransientError),
        ({"type": "invalid_request_error", "message": "m"}, TargetError),
        ({}, TargetError),
    ],
)
def test_an_error_in_a_stream_of_messages_says_so(
    error: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="the model failed") as caught:
        messages.Stream().take({"type": "error", "error": error})
    assert type(caught.value) is kind


def test_a_stream_that_ends_early_may_be_tried_again() -> None:
    with pytest.raises(TransientError, match="before the reply was complete"):
        responses.Stream().reply()

import json
import time
from typing import Any

import pytest

from regrade.chat.client import ChatClient
from regrade.chat.embeddings import EmbeddingClient
from regrade.domain import ChatReply, ChatRequest, Message, ToolCall, ToolSpec
from regrade.domain.errors import TargetError, TargetSetupError, TransientError, UsageError
from regrade.wire.limits import AdaptiveLimiter
from tests.fakes.model_server import Script, Step, model_server

pytestmark = pytest.mark.anyio
MODELS = ("openai:m", "openai-responses:m", "anthropic:m", "gemini:m")
KEYS = {
    "openai:m": "OPENAI_API_KEY",
    "openai-responses:m": "OPENAI_API_KEY",
    "anthropic:m": "ANTHROPIC_API_KEY",
    "gemini:m": "GEMINI_API_KEY",
}
REQUEST = ChatRequest(
    messages=[Message(role="system", content="Be brief."), Message(role="user", content="Hi")],
    tools=[ToolSpec(name="note", description="Write a note", parameters={"type": "object"})],
    params={"temperature": 0},
)


async def ask(
    *steps: Step,
    model: str = "openai:m",
    stream: bool = False,
    retries: int = 4,
    timeout_s: float = 10,
) -> tuple[ChatReply, Script]:
    with model_server(*steps) as (url, script):
        client = ChatClient(model, base_url=url, stream=stream, retries=retries)
        async with client.opened():
            return await client.reply(REQUEST, timeout_s=timeout_s), script


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_text_tool_calls_and_usage_come_back(model: str, stream: bool) -> None:
    step = Step(text="Grüße", calls=[("note", {"text": "a b"}), ("ping", {})], cached=40)
    reply, script = await ask(step, model=model, stream=stream)
    assert reply.text == "Grüße"
    assert reply.tool_calls == (
        ToolCall(name="note", arguments={"text": "a b"}),
        ToolCall(name="ping", arguments={}),
    )
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cached_tokens) == (
        100,
        20,
        40,
    )
    assert reply.usage.cost_usd is None
    assert (reply.model, reply.request_id) == ("scripted-1", "req-1")
    assert (reply.ttft_s is not None) is stream
    [sent] = script.requests
    assert sent.get("generationConfig", sent)["temperature"] == 0
    if model != "gemini:m":
        assert sent["model"] == "m"
        assert bool(sent.get("stream")) is stream


@pytest.mark.parametrize("model", MODELS)
async def test_the_key_comes_from_the_environment_and_is_shown_nowhere(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS[model], "sk-secret")
    body = {"error": {"message": "Incorrect key: sk-secret"}}
    with model_server(Step(status=401, body=body)) as (url, script):
        client = ChatClient(model, base_url=url)
        async with client.opened():
            with pytest.raises(TargetError) as caught:
                await client.reply(REQUEST, timeout_s=5)
    sent = script.headers[0]
    assert "sk-secret" in " ".join(sent.values())
    assert "Incorrect key: (the key)" in str(caught.value)
    assert "sk-secret" not in f"{caught.value!r} {client.version} {vars(client)}"


async def test_a_missing_key_is_said_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    client = ChatClient("anthropic:m")
    with pytest.raises(TargetSetupError, match="ANTHROPIC_API_KEY"):
        async with client.opened():
            pass
    with pytest.raises(TargetSetupError, match="ANTHROPIC_API_KEY"):
        await client.reach()


@pytest.mark.parametrize("status", [408, 429, 500, 503, 529])
async def test_what_may_pass_is_tried_again(status: int) -> None:
    reply, script = await ask(
        Step(status=status, headers={"Retry-After": "0.01"}), Step(text="at last")
    )
    assert reply.text == "at last"
    assert len(script.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_is_the_callers_mistake_is_not(status: int) -> None:
    with model_server(Step(status=status)) as (url, script):
        client = ChatClient("openai:m", base_url=url)
        async with client.opened():
            with pytest.raises(
                TargetError, match=f"answered {status} .*: scripted refusal"
            ) as caught:
                await client.reply(REQUEST, timeout_s=5)
    assert not isinstance(caught.value, TransientError)
    assert len(script.requests) == 1


async def test_an_empty_account_is_not_waited_for() -> None:
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    with pytest.raises(TargetError, match="exceeded your quota") as caught:
        await ask(Step(status=429, body=body))
    assert not isinstance(caught.value, TransientError)


async def test_retry_after_is_waited_for_and_not_beyond_the_time_given() -> None:
    began = time.monotonic()
    await ask(Step(status=429, headers={"Retry-After": "0.4"}), Step())
    assert time.monotonic() - began >= 0.4
    with pytest.raises(TransientError) as caught:
        await ask(Step(status=429, headers={"Retry-After": "30"}), timeout_s=1)
    assert caught.value.retry_after_s == 30


async def test_without_retries_the_first_refusal_is_told() -> None:
    with pytest.raises(TransientError):
        await ask(Step(status=500), Step(), retries=0)


async def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        await ask(Step(delay_s=5), timeout_s=0.2)


@pytest.mark.parametrize("model", MODELS)
async def test_a_reply_of_another_shape_is_told(model: str) -> None:
    bodies: list[Any] = [
        {"surprise": 1},
        [],
        "text",
        {"choices": []},
        {"output": [{}]},
        {"content": [{}]},
    ]
    for body in bodies:
        with pytest.raises(TargetError, match="not the shape"):
            await ask(Step(body=body), model=model)


@pytest.mark.parametrize(
    ("model", "event"),
    [
        (
            "anthropic:m",
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        ),
        (
            "openai-responses:m",
            {"type": "error", "error": {"code": "server_error", "message": "Overloaded"}},
        ),
    ],
)
async def test_an_overload_in_the_middle_of_a_stream_may_pass(
    model: str, event: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fakes import model_server as fake

    for path in fake.EVENTS:
        monkeypatch.setitem(fake.EVENTS, path, lambda step: [event])
    with pytest.raises(TransientError, match="Overloaded"):
        await ask(Step(), model=model, stream=True, retries=0)


async def test_embeddings_come_in_the_order_of_their_texts() -> None:
    with model_server() as (url, script):
        client = EmbeddingClient("openai:e", base_url=url)
        assert await client.embed(["aa", "b"]) == [[2, 2], [1, 0]]
        assert client.version.startswith("openai:e@")
    assert script.requests[0]["input"] == ["aa", "b"]
    with pytest.raises(UsageError, match="no embeddings"):
        EmbeddingClient("anthropic:e")
    with model_server(Step(body={"data": []})) as (url, _):
        with pytest.raises(TargetError, match="1 texts got 0"):
            await EmbeddingClient("openai:e", base_url=url).embed(["a"])
    with model_server(Step(body={"nothing": 1})) as (url, _):
        with pytest.raises(TargetError, match="holds no embeddings"):
            await EmbeddingClient("openai:e", base_url=url).embed(["a"])


@pytest.mark.parametrize("name", ["gpt", "nobody:gpt", "openai:", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="provider:model"):
        ChatClient(name)


def test_a_base_url_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="begins with http"):
        ChatClient("openai:m", base_url="localhost")


SCHEMA = {
    "type": "object",
    "properties": {"pass": {"type": "boolean"}},
    "required": ["pass"],
    "additionalProperties": False,
}
ASKED = ChatRequest(messages=[Message(role="user", content="Is it?")], schema=SCHEMA)


async def ask_for_json(
    *steps: Step, model: str, times: int = 1, stream: bool = False
) -> tuple[ChatReply, Script]:
    with model_server(*steps) as (url, script):
        client = ChatClient(model, base_url=url, stream=stream, retries=0)
        async with client.opened():
            for _ in range(times):
                reply = await client.reply(ASKED, timeout_s=10)
        return reply, script


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
async def test_a_schema_is_asked_for_in_the_providers_own_way(model: str, stream: bool) -> None:
    step = Step(text='{"pass": true}', calls=[("answer", {"pass": True})])
    if model != "anthropic:m":
        step = Step(text='{"pass": true}')
    reply, script = await ask_for_json(step, model=model, stream=stream)
    assert json.loads(reply.text) == {"pass": True}
    assert reply.tool_calls == ()
    [sent] = script.requests
    ways = {
        "openai:m": lambda: sent["response_format"]["json_schema"]["schema"],
        "openai-responses:m": lambda: sent["text"]["format"]["schema"],
        "anthropic:m": lambda: sent["tools"][0]["input_schema"],
        "gemini:m": lambda: sent["generationConfig"]["responseJsonSchema"],
    }
    assert ways[model]() == SCHEMA
    if model == "anthropic:m":
        assert sent["tool_choice"] == {"type": "tool", "name": "answer"}


@pytest.mark.parametrize("model", ["openai:m", "openai-responses:m", "gemini:m"])
async def test_what_an_endpoint_does_not_know_is_asked_otherwise_from_then_on(model: str) -> None:
    unknown = Step(status=400, body={"error": {"message": "response_format is not supported"}})
    no_tools = Step(status=400, body={"error": {"message": "tools are not supported"}})
    said = Step(text='```json\n{"pass": false}\n```')
    reply, script = await ask_for_json(unknown, no_tools, said, model=model, times=2)
    assert json.loads(reply.text) == {"pass": False}
    assert len(script.requests) == 4, "two refusals, once; then two answers"
    assert "follows this JSON Schema" in json.dumps(script.requests[3])
    assert "tools" not in script.requests[3]


async def test_other_refusals_are_not_taken_for_ignorance() -> None:
    with pytest.raises(TargetError, match="answered 401"):
        await ask_for_json(
            Step(status=401, body={"error": {"message": "bad key, unknown user"}}), model="openai:m"
        )
    with pytest.raises(TargetError, match="too long"):
        await ask_for_json(
            Step(status=400, body={"error": {"message": "the prompt is too long"}}),
            model="openai:m",
        )


async def test_a_call_of_another_tool_is_no_answer() -> None:
    reply, _ = await ask_for_json(
        Step(text="", calls=[("other", {"pass": True})]), model="anthropic:m"
    )
    assert reply.text == ""


async def test_a_blocked_prompt_of_gemini_is_an_empty_answer_with_its_reason() -> None:
    body = {"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "g"}
    reply, _ = await ask_for_json(Step(body=body), model="gemini:m")
    assert (reply.text, reply.stop_reason) == ("", "SAFETY")
    with pytest.raises(TargetError, match="not the shape"):
        await ask_for_json(Step(body={"odd": 1}), model="gemini:m")


async def test_all_who_ask_one_endpoint_slow_down_together() -> None:
    limited = Step(status=429, headers={"retry-after": "0"}, body={"error": {"message": "slow"}})
    limiter = AdaptiveLimiter(8)
    with model_server(limited, Step(text="yes")) as (url, _):
        first, second = (ChatClient("openai:m", base_url=url, limiter=limiter) for _ in range(2))
        async with first.opened(), second.opened():
            assert (await first.reply(REQUEST, timeout_s=10)).text == "yes"
            assert limiter.window < 8
            assert (await second.reply(REQUEST, timeout_s=10)).text == "yes"
    assert limiter.refusals == 1

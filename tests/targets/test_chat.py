from pathlib import Path

import pytest

import regrade
from regrade.domain import Case, Json
from regrade.domain.errors import SuiteError, TargetError, TargetSetupError
from regrade.suites import load_suite
from regrade.targets import ChatTarget
from tests.fakes.model_server import Step, model_server

pytestmark = pytest.mark.anyio
SUITE = """
name: chat
objective: Answer.
criteria: [It answers.]
dataset: [{id: a, input: Hi, context: Be kind, expected: {answer: hello}}, {id: b, input: Ho, expected: {answer: hello}}]
graders: [{type: contains}]
target: {type: chat, model: "openai:m", base_url: BASE, MORE}
"""


def run(url: str, more: str = "params: {}", **settings: Json) -> regrade.Run:
    Path("suite.yaml").write_text(SUITE.replace("BASE", url).replace("MORE", more))
    from regrade.api import blocking, run_suite

    return blocking(lambda: run_suite(load_suite(Path("suite.yaml"), settings), store=None)).run


def test_the_messages_are_templates_and_the_reply_is_the_answer() -> None:
    more = 'messages: [{role: system, content: "Speak of {{ input }}."}, {role: user, content: "{{ input }}"}], params: {seed: 7}'
    with model_server(Step(text="hello you", calls=[("note", {"a": 1})])) as (url, script):
        done = run(url, more)
    assert done.summary.passed == 2
    sent = {each["messages"][1]["content"]: each for each in script.requests}
    assert sent["Hi"]["messages"][0] == {"role": "system", "content": "Speak of Hi."}
    assert sent["Hi"]["seed"] == 7
    trace = done.attempts[0].trace
    assert trace.tool_calls is not None
    assert trace.tool_calls[0].arguments == {"a": 1}
    assert trace.metadata["model"] == "scripted-1"
    assert str(trace.metadata["request_id"]).startswith("req-")
    assert trace.usage is not None
    assert trace.usage.tokens == 120
    assert done.summary.operations.cost_usd is None


def test_without_messages_the_input_follows_the_context() -> None:
    with model_server() as (url, script):
        run(url)
    assert {m["messages"][0]["content"] for m in script.requests} == {"Be kind\n\nHi", "Ho"}


def test_the_runner_tries_again_and_the_client_does_not_as_well() -> None:
    with model_server(Step(status=500), Step(status=500), Step(status=500), Step()) as (
        url,
        script,
    ):
        done = run(url, concurrency=1, retries=1)
    assert done.summary.errors == 1
    assert len(script.requests) == 4


def test_own_prices_give_the_cost_and_the_limit_stops_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("prices.json").write_text('{"openai:m": {"input": 1000, "output": 0}}')
    monkeypatch.setenv("REGRADE_PRICES", "prices.json")
    with model_server() as (url, _):
        done = run(url, concurrency=1, max_cost=0.05)
    assert done.summary.not_run == 1
    assert done.summary.operations.cost_usd == pytest.approx(0.1)


def test_a_conversation_as_the_input_is_sent_as_it_is() -> None:
    turns: Json = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    with model_server() as (url, script):
        run(url, dataset=[{"input": turns, "expected": {"answer": "hello"}}])
    assert script.requests[0]["messages"] == turns


async def test_a_message_without_a_role_is_refused() -> None:
    class Silent:
        version = "1"

    silent: Json = Silent()
    with pytest.raises(TargetSetupError, match="a content and a role"):
        ChatTarget(silent, messages=[{"content": "x"}])
    with pytest.raises(TargetSetupError, match="a tool is"):
        ChatTarget(silent, tools=[{"description": "x"}])
    target = ChatTarget(silent, messages=[{"role": "user", "content": "{{ context.nothing }}"}])
    with pytest.raises(TargetError, match="cannot be written"):
        await target.answer(Case(input="q"), timeout_s=1)


def test_a_model_that_is_none_is_told_with_its_place() -> None:
    Path("suite.yaml").write_text(
        SUITE.replace("openai:m", "gpt").replace("base_url: BASE, MORE", "params: {}")
    )
    with pytest.raises(SuiteError, match=r"suite\.yaml:7.*'gpt' is no model"):
        load_suite(Path("suite.yaml"))

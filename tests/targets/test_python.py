import asyncio
import time
from pathlib import Path

import pytest

from regrade.domain import Case, Document, Response, ToolCall, Usage
from regrade.domain.errors import TargetError, TargetSetupError
from regrade.targets import PythonTarget

pytestmark = pytest.mark.anyio
CASE = Case(id="c", input={"q": 1}, context="ctx", config={"t": 0})


async def test_a_function_gets_the_parameters_that_it_names() -> None:
    def answer(
        case: Case, config: object, input: object, context: object, other: int = 5
    ) -> object:
        return [case.id, config, input, context, other]

    assert (await PythonTarget(answer).answer(CASE, timeout_s=5)).output == [
        "c",
        {"t": 0},
        {"q": 1},
        "ctx",
        5,
    ]


async def test_a_single_parameter_of_any_name_is_the_input() -> None:
    assert (await PythonTarget(lambda question: question).answer(CASE, timeout_s=5)).output == {
        "q": 1
    }
    assert (await PythonTarget(lambda **rest: rest).answer(CASE, timeout_s=5)).output == {}


def test_a_parameter_that_there_is_nothing_for_is_refused() -> None:
    with pytest.raises(TargetSetupError, match="asks for one, two; a target may ask for input"):
        PythonTarget(lambda one, two: None)


async def test_a_response_says_more_than_its_output() -> None:
    def answer(input: object) -> Response:
        return Response(
            output=("a", 1),
            retrieved=["text", {"id": 7, "text": "t", "url": "u"}, Document(id="d")],  # type: ignore[arg-type]  # read
            tool_calls=[{"name": "f", "arguments": {"x": 1}}],  # type: ignore[arg-type]  # read
            usage={"input_tokens": 3},  # type: ignore[arg-type]  # read
        )

    response = await PythonTarget(answer).answer(CASE, timeout_s=5)
    assert response.output == ["a", 1]
    assert response.retrieved == (
        Document(text="text"),
        Document(id="7", text="t", metadata={"url": "u"}),
        Document(id="d"),
    )
    assert response.tool_calls == (ToolCall(name="f", arguments={"x": 1}),)
    assert response.usage == Usage(input_tokens=3)


@pytest.mark.parametrize(
    "garbage",
    [
        *(None, object(), b"x", float("nan"), {1: 2}),
        Response(output={1, 2}),
        Response("x", latency_s=-1),
        Response("x", ttft_s="soon"),  # type: ignore[arg-type]  # what users may do
        Response("x", usage=Usage(input_tokens="3")),  # type: ignore[arg-type]  # what users may do
        Response("x", retrieved=(7,)),  # type: ignore[arg-type]  # what users may do
    ],
)
async def test_garbage_is_an_error_that_says_so(garbage: object) -> None:
    with pytest.raises(TargetError, match="neither text nor JSON") as caught:
        await PythonTarget(lambda input: garbage).answer(CASE, timeout_s=5)
    assert caught.value.kind == "garbage"


async def test_json_null_can_be_meant() -> None:
    assert (
        await PythonTarget(lambda input: Response(None)).answer(CASE, timeout_s=5)
    ).output is None


async def test_what_ends_programs_is_a_crash_of_one_attempt() -> None:
    def answer(input: object) -> None:
        raise SystemExit(2)

    with pytest.raises(TargetError, match="SystemExit") as caught:
        await PythonTarget(answer).answer(CASE, timeout_s=5)
    assert caught.value.kind == "crash"


async def test_time_runs_out_for_blocking_and_for_async_functions() -> None:
    async def hangs(input: object) -> None:
        await asyncio.sleep(60)

    for function in (hangs, lambda input: time.sleep(5)):
        began = time.perf_counter()
        with pytest.raises(TimeoutError):
            await PythonTarget(function).answer(CASE, timeout_s=0.1)
        assert time.perf_counter() - began < 3


def test_a_target_by_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TargetSetupError, match="cannot be imported: there is no module"):
        PythonTarget("no_such_module_anywhere:answer")

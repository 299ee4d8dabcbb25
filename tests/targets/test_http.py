import time
from collections.abc import Iterator

import pytest

from regrade.domain import Case, Response
from regrade.domain.errors import TargetError, TargetSetupError, TransientError
from regrade.targets.http import HttpTarget
from tests.fakes.http_server import Pages, http_server
from tests.fakes.ports import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Pages]]:
    with http_server() as running:
        yield running


async def ask(target: HttpTarget, case: Case | None = None, timeout_s: float = 10) -> Response:
    async with target.opened():
        return await target.answer(case or Case(input="hello"), timeout_s=timeout_s)


async def test_the_answer_is_read_by_its_path(server: tuple[str, Pages]) -> None:
    url, pages = server
    case = Case(input="hello", context=[1], config={"k": 2})
    assert (await ask(HttpTarget(f"{url}/echo", output="choices[0].text"), case)).output == "hello"
    assert pages.bodies[-1] == {"input": "hello", "context": [1], "config": {"k": 2}}


async def test_without_a_path_json_is_json_and_text_is_text(server: tuple[str, Pages]) -> None:
    url, _ = server
    assert (await ask(HttpTarget(f"{url}/echo"))).output == {"choices": [{"text": "hello"}]}
    assert (await ask(HttpTarget(f"{url}/text"))).output == "plain words"


async def test_url_headers_and_body_are_templates(
    server: tuple[str, Pages], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, pages = server
    monkeypatch.setenv("MY_KEY", "s3cret")
    target = HttpTarget(
        f"{url}/{{{{ tags.page }}}}",
        headers={"Authorization": "Bearer ${MY_KEY}", "X-Tag": "{{ tags.page }}"},
        body={"input": "{{ expected.a }}"},
        output="choices[0].text",
    )
    assert (
        await ask(target, Case(input="x", tags={"page": "echo"}, expected={"a": "from the case"}))
    ).output == "from the case"
    assert pages.headers[-1]["Authorization"] == "Bearer s3cret"
    assert pages.headers[-1]["X-Tag"] == "echo"
    assert "s3cret" not in target.version


async def test_a_variable_that_is_not_set_is_said(server: tuple[str, Pages]) -> None:
    with pytest.raises(TargetSetupError, match="NO_SUCH_KEY"):
        await ask(HttpTarget(f"{server[0]}/echo", headers={"a": "${NO_SUCH_KEY}"}))


@pytest.mark.parametrize(
    ("page", "output", "said"),
    [
        ("html", "a", "text/html.*is not JSON.*login"),
        ("echo", "wrong.path", "nothing at 'wrong.path'; it holds choices"),
        ("refused", None, "answered 400.*no such field"),
    ],
)
async def test_a_reply_that_cannot_be_read_is_said(
    server: tuple[str, Pages], page: str, output: str | None, said: str
) -> None:
    with pytest.raises(TargetError, match=said) as caught:
        await ask(HttpTarget(f"{server[0]}/{page}", output=output))
    assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(("page", "kind"), [("cut", "transport"), ("broken", "http")])
async def test_what_may_pass_is_transient(server: tuple[str, Pages], page: str, kind: str) -> None:
    with pytest.raises(TransientError) as caught:
        await ask(HttpTarget(f"{server[0]}/{page}"))
    assert caught.value.kind == kind


async def test_a_refusal_says_how_long_to_wait(server: tuple[str, Pages]) -> None:
    url, pages = server
    pages.hits["limited"] = 0
    with pytest.raises(TransientError) as caught:
        await ask(HttpTarget(f"{url}/limited"))
    assert caught.value.limited
    assert caught.value.retry_after_s == pytest.approx(0.05)


async def test_a_slow_endpoint_runs_out_of_time(server: tuple[str, Pages]) -> None:
    began = time.perf_counter()
    with pytest.raises(TimeoutError):
        await ask(HttpTarget(f"{server[0]}/slow"), timeout_s=0.2)
    assert time.perf_counter() - began < 2


async def test_an_endpoint_that_is_down_is_transport() -> None:
    target = HttpTarget(f"http://127.0.0.1:{free_port()}/x")
    with pytest.raises(TransientError) as caught:
        await ask(target)
    assert caught.value.kind == "transport"
    with pytest.raises(TargetSetupError, match="cannot be reached"):
        await target.reach()


async def test_reaching_asks_nothing(server: tuple[str, Pages]) -> None:
    url, pages = server
    before = pages.hits.total()
    await HttpTarget(f"{url}/echo").reach()
    assert pages.hits.total() == before


@pytest.mark.parametrize(
    ("page", "output", "text"),
    [("sse", "delta", "streamed wörds"), ("ndjson", "delta", "ab"), ("chunks", None, "grüß dich")],
)
async def test_streams_are_read_to_their_end(
    server: tuple[str, Pages], page: str, output: str | None, text: str
) -> None:
    response = await ask(HttpTarget(f"{server[0]}/{page}", output=output, stream=True))
    assert response.output == text
    assert response.ttft_s is not None
    if page == "sse":
        assert response.ttft_s >= 0.04


@pytest.mark.parametrize(
    ("url", "output"), [("localhost:80/x", None), ("ftp://a/b", None), ("http://a/b", "a[")]
)
def test_what_is_no_url_or_path_is_refused(url: str, output: str | None) -> None:
    with pytest.raises(TargetSetupError):
        HttpTarget(url, output=output)


async def test_a_template_without_its_value_is_an_error_of_one_attempt(
    server: tuple[str, Pages],
) -> None:
    with pytest.raises(TargetError, match="request cannot be written") as caught:
        await ask(HttpTarget(f"{server[0]}/echo", body="{{ expected.missing }}"))
    assert caught.value.kind == "request"

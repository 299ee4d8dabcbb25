"""The small client, against the real server."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from regrade.client import Client, ClientError
from regrade.domain.errors import StoreError
from regrade.store.live.feedback import FeedbackRows
from tests.fakes.calling import call
from tests.fakes.live_server import live_server
from tests.fakes.ports import free_port


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with live_server(tmp_path / "live.db", works=False) as address:
        yield address


def test_steps_and_feedback_arrive(address: str) -> None:
    client = Client(address, service="shop", version="2")
    with client.step("answer", kind="agent", input={"q": "When?"}) as root:
        root.attributes["user.id"] = "ada"
        with client.step("search", kind="retrieval") as inner:
            inner.output = [{"id": "d1", "text": "Monday"}]
        root.output = "On Monday."
    assert client.feedback(root.trace_id, "thumbs", True, comment="good", user_id="ada")
    with pytest.raises(RuntimeError, match="bad"), client.step("answer") as failed:
        raise RuntimeError("bad")
    whole = call(f"{address}/api/v1/traces/{root.trace_id}").json
    assert [span["name"] for span in whole["spans"]] == ["answer", "search"]
    assert (whole["input"], whole["output"]) == ({"q": "When?"}, "On Monday.")
    assert whole["feedback"][0]["comment"] == "good"
    other = call(f"{address}/api/v1/traces/{failed.trace_id}").json
    assert other["spans"][0]["error"] == "RuntimeError: bad"


def test_what_is_not_taken_is_said(address: str) -> None:
    with pytest.raises(ClientError, match=r"answered 422: .*thumbs"):
        Client(address).feedback("1" * 32, "thumbs", "yes")
    with pytest.raises(ClientError, match="answered 401"):
        Client(address, key="rg_none").feedback("1" * 32, "thumbs", True)
    with pytest.raises(ClientError, match="cannot be reached"):
        Client("http://127.0.0.1:1", patience_s=0.5).feedback("1" * 32, "thumbs", True)


def test_a_server_that_is_not_up_yet_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    arrived: list[bool] = []

    def send() -> None:
        client = Client(f"http://127.0.0.1:{port}", patience_s=30)
        arrived.append(client.feedback("1" * 32, "thumbs", True))

    sender = Thread(target=send)
    sender.start()
    with live_server(tmp_path / "live.db", works=False, port=port):
        sender.join(30)
    assert arrived == [True]


def test_a_busy_server_is_asked_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    real = FeedbackRows.add

    def add(*args: object) -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise StoreError("away")
        return real(*args)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr("regrade.store.live.feedback.FeedbackRows.add", add)
    assert Client(address).feedback("1" * 32, "text", "fine")
    monkeypatch.setattr("regrade.store.live.feedback.FeedbackRows.add", away)
    with pytest.raises(ClientError, match="answered 503"):
        Client(address, patience_s=0.5).feedback("1" * 32, "text", "fine")


def away(*_: object) -> bool:
    raise StoreError("away")

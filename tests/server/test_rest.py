"""The REST interface: traces, feedback, monitors, decisions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regrade.domain.errors import StoreError
from regrade.domain.live import ProjectSettings
from regrade.online import Closer, Timing
from regrade.server import bodies
from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.live_server import live_server, until
from tests.fakes.spans import as_json, span

SPAN = {
    "trace_id": "A" * 32, "span_id": "1" * 16, "name": "answer", "kind": "agent",
    "started_at": "2027-01-01T00:00:00Z", "ended_at": "2027-01-01T00:00:02Z",
    "input": {"q": 1}, "output": "Yes.", "attributes": {"user.id": "ada"},
}  # fmt: skip
INNER = {**SPAN, "span_id": "2" * 16, "parent_id": "1" * 16, "started_at": "2027-01-01T00:00:01", "ended_at": None, "error": "bad", "input": "x"}  # fmt: skip


def test_an_application_without_opentelemetry_sends_steps(address: str, store: Store) -> None:
    api = f"{address}/api/v1"
    assert call(f"{api}/spans", {"spans": [SPAN, INNER], "service": "shop"}).json == {"kept": 2}
    assert call(f"{api}/spans", {"spans": [SPAN]}).json["kept"] in (0, 1)
    Closer(store, Timing(quiet_s=0)).close_due()
    [listed] = call(f"{api}/traces?service=shop").json["traces"]
    assert (listed["user_id"], listed["duration_ms"], listed["spans"]) == ("ada", 2000, 2)
    whole = call(f"{api}/traces/{'a' * 32}").json
    assert (whole["input"], whole["output"], whole["spans"][1]["error"]) == (
        {"q": 1},
        "Yes.",
        "bad",
    )
    wrong = call(f"{api}/spans", {"spans": [{**SPAN, "trace_id": "x"}]})
    assert wrong.status == 422
    assert call(f"{api}/traces/{'b' * 32}").status == 404
    assert call(f"{api}/users/ada/traces", method="DELETE").json == {"kept": 1}
    assert call(f"{api}/traces").json == {"traces": [], "next": None}
    assert store.live.keys.written()[0]["what"] == "deleted the traces of a user"


def test_traces_are_listed_page_by_page(address: str, store: Store) -> None:
    for n in range(1, 8):
        call(f"{address}/v1/traces", as_json([span(n)], {"service.name": "ab"[n % 2]}))
    Closer(store, Timing(quiet_s=0)).close_due()
    seen, after = [], ""
    while after is not None:
        page = call(f"{address}/api/v1/traces?limit=3{f'&after={after}' if after else ''}").json
        seen += [each["trace_id"] for each in page["traces"]]
        after = page["next"]
    assert seen == [f"{n:032x}" for n in range(7, 0, -1)]
    assert call(f"{address}/api/v1/traces?after=odd").status == 422
    assert call(f"{address}/api/v1/traces?limit=0").status == 422
    assert len(call(f"{address}/api/v1/traces?service=a&has_error=false").json["traces"]) == 3


def test_a_conversation_is_closed_when_nothing_comes_any_more(address: str, store: Store) -> None:
    now = datetime.now(UTC)
    for at, ago in enumerate((50, 40), start=1):
        step = {**SPAN, "trace_id": f"{at:032x}", "started_at": (now - timedelta(minutes=ago)).isoformat(), "ended_at": now.isoformat(), "attributes": {"session.id": "c 1"}}  # fmt: skip
        call(f"{address}/api/v1/spans", {"spans": [step]})
    Closer(store, Timing(quiet_s=0)).close_due()
    url = f"{address}/api/v1/conversations/c%201"
    found = call(url).json
    assert (found["state"], [each["trace_id"][-1] for each in found["traces"]]) == (
        "closed",
        ["1", "2"],
    )
    assert call(f"{url}?idle_minutes=60").json["state"] == "open"
    assert call(f"{address}/api/v1/conversations/none").status == 404
    assert call(f"{address}/api/v1/audit").json == []


def test_feedback_comes_before_or_after_its_trace(address: str) -> None:
    api = f"{address}/api/v1"
    given = {"trace_id": f"{1:032x}", "kind": "thumbs", "value": False, "key": "one"}
    assert call(f"{api}/feedback", given).json == {"kept": 1}
    assert call(f"{api}/feedback", given).json == {"kept": 0}
    more = {
        **given,
        "kind": "rating",
        "value": 4,
        "given_at": "2027-01-01T00:00:00",
        "user_id": "ada",
    }
    assert call(f"{api}/feedback", {**more, "key": None}).json == {"kept": 1}
    call(f"{address}/v1/traces", as_json([span()]))
    whole = call(f"{api}/traces/{1:032x}").json
    assert {each["kind"] for each in whole["feedback"]} == {"thumbs", "rating"}
    assert whole["checks"]["checks"] == {"userThumbsUp": False}
    for kind, value, words in (
        ("thumbs", "yes", "true or false"),
        ("rating", True, "a number"),
        ("text", 3, "a text"),
    ):
        said = call(f"{api}/feedback", {**given, "kind": kind, "value": value})
        assert (said.status, words in str(said.json)) == (422, True), kind


def test_monitors_are_made_changed_and_taken_away(address: str) -> None:
    api = f"{address}/api/v1/monitors"
    assert call(f"{api}/m", {"checks": ["pii"], "sample": 0.1}, "PUT").json["name"] == "m"
    [listed] = call(api).json
    assert (listed["monitor"]["sample"], listed["decisions"]) == (0.1, {})
    for body, words in (
        ({"checks": ["odd"]}, "checks"),
        ({"suite": "/etc/passwd"}, "`suite` names a file"),
        ({"graders": [{"type": "python", "call": "os:system"}]}, "graders that run code"),
        ({"graders": [{"type": "any_of", "graders": [{"type": "sql"}]}]}, "graders that run code"),
        ({}, "nothing judges"),
    ):  # fmt: skip
        said = call(f"{api}/n", body, "PUT")
        assert (said.status, words in said.json["error"]) == (422, True), body
    assert call(f"{api}/m", method="DELETE").json == {"kept": 1}
    assert call(f"{api}/m", method="DELETE").status == 404


@pytest.fixture
def working(place: Path | str) -> Iterator[str]:
    with live_server(place) as address:
        yield address


def test_one_process_takes_in_closes_and_grades(working: str) -> None:
    call(f"{working}/api/v1/monitors/m", {"checks": ["answered"], "sample": 1}, "PUT")
    call(f"{working}/v1/traces", as_json([span()]))

    def graded() -> Any:
        whole = call(f"{working}/api/v1/traces/{1:032x}").json
        return whole if whole["grades"] else None

    whole = until(graded)
    [decision] = whole["decisions"]
    assert (decision["outcome"], decision["probability"]) == ("graded", 1.0)
    assert whole["checks"]["checks"] == {"answered": True}
    assert whole["grades"][0]["grade"]["passed"] is True
    metrics = call(f"{working}/metrics").body.decode()
    assert 'regrade_decisions{project="default",monitor="m",outcome="graded"} 1' in metrics
    assert call(f"{working}/readyz").body == b"ready\n"


def test_a_database_that_is_away_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise StoreError("it is away")

    monkeypatch.setattr("regrade.store.live.traces.TraceRows.counts", away)
    monkeypatch.setattr("regrade.store.live.traces.TraceRows.listed", away)
    assert call(f"{address}/readyz").status == 503
    said = call(f"{address}/api/v1/traces")
    assert (said.status, said.json) == (503, {"error": "it is away"})
    assert call(f"{address}/healthz").status == 200


def test_the_interface_describes_itself(address: str) -> None:
    document = call(f"{address}/api/v1/openapi.json").json
    assert {"/api/v1/traces", "/api/v1/feedback", "/api/v1/monitors/{name}"} <= set(
        document["paths"]
    )


def test_no_moment_body_or_number_breaks_it(address: str) -> None:
    api = f"{address}/api/v1"
    for url in (f"{api}/traces?since=0001-01-01T00:00:00", f"{api}/traces?until=9999-12-31T00:00:00", f"{api}/traces?after=" + "MTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIHg="):  # fmt: skip
        assert call(url).status == 422, url
    assert (
        call(f"{api}/spans", {"spans": [{**SPAN, "started_at": "0001-01-01T00:00:00Z"}]}).status
        == 422
    )
    rating = b'{"trace_id":"' + b"1" * 32 + b'","kind":"rating","value":NaN}'
    assert call(f"{api}/feedback", rating).status == 422
    assert call(f"{api}/monitors/{'m' * 300}", {"checks": ["pii"]}, "PUT").status == 422
    assert call(f"{api}/spans", b'{"spans":' + b"[" * 100_000).status in (400, 422)
    large = call(f"{api}/feedback", b" " * (bodies.MOST_SENT + 1))
    assert (large.status, "larger than" in large.json["error"]) == (413, True)


@pytest.mark.parametrize(
    "grader",
    [
        {"type": "judge", "rubric": "/etc/passwd", "model": "openai:x"},
        {"type": "json_schema", "schema": "/etc/passwd"},
        {"type": "pairwise", "rubric": "tone", "baseline": "/etc/passwd", "model": "openai:x"},
    ],
)
def test_no_monitor_of_a_caller_reads_files(address: str, grader: dict[str, Any]) -> None:
    said = call(f"{address}/api/v1/monitors/m", {"graders": [grader]}, "PUT")
    assert (said.status, said.json["error"]) == (422, "graders that run code, or read files, come from a file of monitors")  # fmt: skip
    ready = {"type": "judge", "rubric": "tone", "model": "openai:x"}
    assert call(f"{address}/api/v1/monitors/m", {"graders": [ready]}, "PUT").status == 200


def test_what_users_say_is_redacted_too(address: str, store: Store) -> None:
    store.live.projects.change(store.live.projects.key(), ProjectSettings(redact=True))
    said = {
        "trace_id": "1" * 32,
        "kind": "correction",
        "value": "to ada@example.org",
        "comment": "or bo@example.org",
    }
    call(f"{address}/api/v1/feedback", said)
    [kept] = store.live.feedback.of(store.live.projects.key(), "1" * 32)
    assert (kept.value, kept.comment) == ("to [email]", "or [email]")

"""Days and weeks summed up: the tracked series by slice, beside those before."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from regrade.domain.live import Alerting, Channel, Feedback, LiveTrace, Series
from regrade.online.alerts import Notifier
from regrade.online.alerts.summary import DAY_MS, last_period, queue_summaries, summarized
from regrade.report.live.summary import summary_html, summary_markdown
from regrade.store import Store
from tests.fakes.hooks import hook
from tests.fakes.traffic import BEGAN, HOUR, Traffic

REFUSAL = Series(kind="tracked", name="refusal correctness")


def ms(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]  # year, month, day


def test_periods_are_whole_days_and_weeks() -> None:
    noon = ms(2026, 11, 26) + 12 * HOUR
    assert last_period("day", noon) == (ms(2026, 11, 25), ms(2026, 11, 26))
    assert last_period("week", noon) == (ms(2026, 11, 16), ms(2026, 11, 23))


def traffic_of_two_days(store: Store, tmp_path: Path) -> tuple[Traffic, int]:
    traffic = Traffic(store, tmp_path, slices=["topic"], criteria={"*": {"min": 0.9}})
    today = BEGAN // DAY_MS * DAY_MS + 2 * DAY_MS
    traffic.clock.now = today - 2 * DAY_MS + 1
    for rate in (0.98, 0.6):
        for _ in range(24):
            traffic.add({REFUSAL: (9, 10)})
            traffic.hours(1, {"topic=a|b": rate})
    traffic.clock.now = today + 1
    return traffic, today


def test_what_changed_is_said_in_both_forms(store: Store, tmp_path: Path) -> None:
    traffic, today = traffic_of_two_days(store, tmp_path)
    add_trace(store, traffic.project, today - HOUR, duration_ms=200.0, cost_usd=0.5)
    add_trace(store, traffic.project, today - DAY_MS - HOUR, duration_ms=100.0, cost_usd=0.25)
    given = datetime.fromtimestamp((today - HOUR) / 1000, UTC)
    for key, value in (("a", True), ("b", False)):
        store.live.feedback.add(
            traffic.project,
            Feedback(trace_id="t", kind="thumbs", value=value, given_at=given, key=key),
        )
    store.live.alerts.add_releases(traffic.project, {("shop", "2.0"): today - HOUR})
    found = summarized(store, traffic.project, today - DAY_MS, today)
    text = summary_markdown(found)
    assert "1 trace, 1 alert, 1 rate changed" in text
    assert (
        "| refusal correctness | all | 90.0% [85.6%, 93.2%] of 240 | 90.0% [85.6%, 93.2%] of 240 |  |"
        in text
    )
    assert "| criterion right | topic=a\\|b |" in text
    assert "**changed**" in text
    assert "- latency: 200 ms in the middle, 200 ms at 95 % (100 before)" in text
    assert "- cost: $0.50 ($0.25 before)" in text
    assert "- thumbs up: 50.0%" in text
    assert "- release: 2.0 of shop" in text
    page = summary_html(found)
    assert "topic=a|b" in page
    assert "<script" not in page


def add_trace(store: Store, project: int, at: int, **known: float) -> None:
    from regrade.store import Due, SpanIn

    trace_id = f"{at:032x}"
    store.live.spans.add(
        [
            SpanIn(
                project=project, trace_id=trace_id, span_id="1", end_ns=1, is_root=True, document={}
            )
        ],
        [],
        at,
    )
    trace = store.live.traces.find(project, trace_id)
    assert trace is not None
    names = (
        "name",
        "service",
        "version",
        "environment",
        "user_id",
        "conversation_id",
        "model",
        "error",
        "spans",
        "tokens",
    )
    about: dict[str, Any] = {**dict.fromkeys(names), "duration_ms": None, "cost_usd": None, **known}
    began = datetime.fromtimestamp(at / 1000, UTC)
    seen = LiveTrace(trace_id=trace_id, state="closed", revision=1, started_at=began, **about)
    assert store.live.traces.close(Due(trace, project, trace_id, 0, 1), seen)


def test_it_is_sent_once_a_period(store: Store, tmp_path: Path) -> None:
    traffic, today = traffic_of_two_days(store, tmp_path)
    with hook() as (url, came):
        team = Channel(name="team", type="webhook", url=url, allow_private=True)
        pager = Channel(name="pager", type="pagerduty", secret_env="X")
        store.live.alerts.keep_alerting(
            traffic.project, Alerting(channels=[team, pager], summary="day")
        )
        assert queue_summaries(store, traffic.clock) == 1
        assert queue_summaries(store, traffic.clock) == 1
        anyio.run(Notifier(store).work)
        assert [each["event"] for each in came.bodies] == ["summary"]
        assert "## m" in came.bodies[0]["text"]
        traffic.clock.now = today + DAY_MS + 1
        queue_summaries(store, traffic.clock)
        anyio.run(Notifier(store).work)
        assert len(came.bodies) == 2
    other = store.live.projects.key("other")
    assert store.live.alerts.alerting(other).summary is None


@pytest.mark.parametrize("period", ["day", "week"])
def test_a_quiet_period_is_said_to_be_one(store: Store, period: str) -> None:
    project = store.live.projects.key()
    found = summarized(store, project, *last_period(period, ms(2026, 11, 26)))
    assert "0 traces, 0 alerts, 0 rates changed" in summary_markdown(found)

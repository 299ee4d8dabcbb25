"""What goes wrong around monitors: those that are gone or at fault, work that waits, silence, judges that fail."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from regrade.domain.live import Series
from regrade.online import keep_monitors
from regrade.online.monitors import EventClock, Ticker, monitor_estimates
from regrade.online.watching import Monitors
from regrade.report.live.alert import alert_text
from regrade.report.live.watching import print_estimates
from regrade.store import SpanIn, Store
from tests.fakes.living import graded, live_trace
from tests.fakes.traffic import HOUR, JUDGED, PASS, Traffic

BAR: dict[str, Any] = {"criteria": {"*": {"min": 0.9}}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "live.db") as made:
        yield made


@pytest.fixture
def anywhere(place: Path | str) -> Iterator[Store]:
    """On both databases: for what depends on how they write."""
    with Store(place) as made:
        yield made


def test_a_monitor_that_is_gone_leaves_its_part_of_the_budget(
    anywhere: Store, tmp_path: Path
) -> None:
    traffic = Traffic(anywhere, tmp_path, slices=["topic"], **BAR)
    traffic.hours(2, {"topic=a": 0.95})
    document = {"checks": ["answered"], "alert": {"watermark": "1ms", **BAR}}
    keep_monitors(anywhere, traffic.project, {"other": document}, tmp_path)
    ticker = Ticker(anywhere, traffic.clock)
    ticker.look()
    assert anywhere.live.tallies.detector_count(traffic.project) == 2
    keep_monitors(anywhere, traffic.project, {"m": {"checks": ["answered"]}}, tmp_path)
    ticker._monitors = Monitors(anywhere)  # as after a few seconds
    ticker.look()
    assert anywhere.live.tallies.detector_count(traffic.project) == 0
    assert [*anywhere.live.tallies.watches(traffic.project)] == ["other"]
    assert anywhere.live.tallies.sums(traffic.project, "m"), "what was counted stays"
    assert anywhere.live.tallies.delete_before(traffic.clock.now) > 0
    assert anywhere.live.tallies.sums(traffic.project, "m") == {}


def test_a_monitor_at_fault_holds_up_no_other(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic = Traffic(store, tmp_path, **BAR)
    document = {"checks": ["answered"], "alert": {"watermark": "1ms", **BAR}}
    keep_monitors(store, traffic.project, {"bad": document}, tmp_path)
    traffic.ticker = Ticker(store, traffic.clock)
    traffic.ticker.look()
    inner = type(store.live.tallies).take

    def take(self: Any, project: int, monitor: str, end_ms: int) -> Any:
        if monitor == "bad":
            raise ZeroDivisionError
        return inner(self, project, monitor, end_ms)

    monkeypatch.setattr(type(store.live.tallies), "take", take)
    assert traffic.tick({PASS: (40, 40)}) == 1
    assert store.live.tallies.sums(traffic.project, "m")[PASS] == (40, 40)


def test_work_that_waits_too_long_is_told(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, lag={"max": "10m"})
    trace_id = f"{1:032x}"
    made = SpanIn(
        project=traffic.project, trace_id=trace_id, span_id="1", end_ns=1, is_root=True, document={}
    )
    store.live.spans.add([made], [], 1)
    trace = store.live.traces.find(traffic.project, trace_id)
    assert trace is not None
    with store.transaction():
        store.live.jobs.add(trace, "m", 1, 1)
    traffic.tick()
    assert traffic.alerts == [("lag", "open")]
    [alert] = store.live.alerts.listed(traffic.project)
    assert "The oldest work waits for" in alert_text(alert)
    [job] = store.live.jobs.claim("w", 2, lease_ms=10, limit=1)
    with store.transaction():
        assert store.live.jobs.finish(job, "w")
    traffic.ticker.look()
    assert traffic.alerts == [("lag", "recovered")]


def test_judges_that_fail_where_answers_do_are_told(store: Store, tmp_path: Path) -> None:
    """What they cannot judge is missing: the rate of what they judged stays, and that of their verdicts falls."""
    traffic = Traffic(store, tmp_path, grader_failures={"max": 0.05}, **BAR)
    for _ in range(10):
        traffic.tick({PASS: (38, 40), JUDGED: (40, 40)})
    assert traffic.alerts == []
    for _ in range(8):
        traffic.tick({PASS: (28, 29), JUDGED: (29, 40)})
    assert traffic.alerts == [("judged", "open")]
    [alert] = store.live.alerts.listed(traffic.project)
    assert "the share of verdicts that graders could give fell" in alert_text(alert)
    found = monitor_estimates(store, traffic.project, traffic.monitor)
    assert found is not None
    console = Console(file=StringIO(), width=120)
    print_estimates(found, console)
    assert isinstance(console.file, StringIO)
    assert "graders could not judge 12.2% of the traces" in console.file.getvalue()


def test_what_is_dated_later_than_now_counts_now(store: Store, tmp_path: Path) -> None:
    graded(
        store,
        [live_trace(1, at_s=10**9)],
        {"m": {"sample": 1.0, "checks": ["answered"], "alert": {}}},
        tmp_path,
    )
    with store.transaction():
        rows = store.live.tallies.take(1, "m", EventClock().now_ms())
    assert rows
    assert all(row.at <= EventClock().now_ms() for row in rows)


def test_a_baseline_that_no_run_can_be_holds_up_nothing(anywhere: Store, tmp_path: Path) -> None:
    traffic = Traffic(
        anywhere, tmp_path, criteria={"right": {"min": 0.9}, "other": {"baseline": "x\0y\ud800"}}
    )
    other = Series(kind="criterion", name="other")
    assert traffic.tick({PASS: (40, 40), other: (40, 40)}) == 1
    assert [*anywhere.live.tallies.detectors(traffic.project, "m")] == [PASS]


def test_traffic_that_falls_away_or_stops_is_told(store: Store, tmp_path: Path) -> None:
    volume = Series(kind="volume")
    traffic = Traffic(store, tmp_path, volume={"drop": 0.5}, no_traffic={"after": "3h"})
    for _ in range(20):
        traffic.tick({volume: (0, 100)})
    assert traffic.alerts == []
    for _ in range(12):
        traffic.tick({volume: (0, 10)})
    assert traffic.alerts == [("volume", "open")]
    traffic.clock.now += 5 * HOUR
    traffic.ticker.look()
    assert traffic.alerts == [("volume", "open"), ("no_traffic", "open")]
    traffic.tick({volume: (0, 100)})
    traffic.tick({volume: (0, 100)})
    assert traffic.alerts == [("volume", "open"), ("no_traffic", "recovered")]

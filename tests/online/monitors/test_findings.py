"""What a monitor would have said, versions compared, and what is counted of a trace."""

from pathlib import Path
from typing import Any

import pytest

from regrade.domain.errors import UsageError
from regrade.domain.live import Series
from regrade.online import watched
from regrade.online.monitors import EventClock, Ticker, backtest, canary
from regrade.online.monitors.findings.history import verdicts
from regrade.store import Store
from tests.fakes.living import BEGAN_NS, graded, live_trace
from tests.fakes.traffic import Traffic


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path / "live.db") as made:
        yield made


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regrade.online.monitors.findings.backtesting.SIMULATED", 9)


@pytest.mark.no_cover
def test_a_backtest_says_what_would_have_been_said(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(
        store, tmp_path, slices=["topic"], over="2d", criteria={"*": {"baseline": "last_week"}}
    )
    traffic.hours(72, {"topic=a": 0.97, "topic=b": 0.97})
    traffic.hours(20, {"topic=a": 0.97, "topic=b": 0.6})
    [found] = watched(store, traffic.project)
    said = backtest(store, traffic.project, found)
    assert {each.series.slice for each in said.said} >= {"topic=b"}
    assert {each.series.slice for each in said.said} <= {"topic=b", ""}
    first = said.said[0]
    assert first.passed / first.n < first.tolerated
    assert said.pages_a_year == pytest.approx(0.1, rel=0.01)
    assert said.ticks == 92
    test = next(each for each in said.series if each.series.slice == "topic=a")
    assert test.tolerated is not None
    assert 0.9 < test.tolerated < 0.97
    spans = [each.median_s for each in test.delays]
    assert spans == sorted(spans, key=lambda s: -(s or 1e9)), "larger drops are seen sooner"
    short = Traffic(store, tmp_path, over="900d", criteria={"*": {"baseline": "last_week"}})
    [found] = watched(store, short.project)
    [only] = backtest(store, short.project, found).series
    assert (only.tolerated, only.delays) == (None, [])


@pytest.mark.no_cover
def test_a_backtest_holds_each_hour_against_its_own(store: Store, tmp_path: Path) -> None:
    def said(cycles: str) -> int:
        alert: dict[str, Any] = {
            "cycles": cycles,
            "over": "3d",
            "criteria": {"*": {"baseline": "last_week", "tolerance": 0.03}},
        }
        traffic = Traffic(store, tmp_path, **alert)
        if not store.live.tallies.first(traffic.project, "m"):
            for _ in range(8):
                traffic.hours(12, {"": 0.98})
                traffic.hours(12, {"": 0.6})
        [found] = watched(store, traffic.project)
        return len(backtest(store, traffic.project, found).said)

    assert said("day") == 0
    assert said("none") > 0


def test_a_backtest_needs_something_to_go_by(store: Store, tmp_path: Path) -> None:
    project = graded(
        store,
        [],
        {"m": {"checks": ["answered"]}, "n": {"checks": ["answered"], "alert": {}}},
        tmp_path,
    )
    plain, alerting = watched(store, project)
    with pytest.raises(UsageError, match="raises no alerts"):
        backtest(store, project, plain)
    with pytest.raises(UsageError, match="nothing was graded"):
        backtest(store, project, alerting)


def test_the_history_comes_from_grades_where_nothing_was_counted(
    store: Store, tmp_path: Path
) -> None:
    traces = [
        live_trace(
            n, output="{}" if n % 4 else "no JSON", at_s=n * 60, regrade__tag__topic="ab"[n % 2]
        )
        for n in range(400)
    ]
    plain = {"m": {"sample": 1.0, "checks": ["valid_json"]}}
    project = graded(store, traces, plain, tmp_path)
    alert = {"criteria": {"*": {"min": 0.9}}, "slices": ["topic"]}
    graded(store, [], {"m": {**plain["m"], "alert": alert}}, tmp_path)
    [found] = watched(store, project)
    said = backtest(store, project, found)
    rates = {each.series.slice: each.rate for each in said.series}
    assert rates == {"": 0.75, "topic=a": 0.5, "topic=b": 1.0}
    assert [each.series.slice for each in said.said][:1] in ([""], ["topic=a"])


def test_two_versions_are_compared_as_they_run(store: Store, tmp_path: Path) -> None:
    monitors = {"m": {"sample": 1.0, "checks": ["valid_json"]}}
    project = 0
    for version, every, first in (("1", 20, 0), ("2", 2, 1000), ("3", 1000, 2000)):
        traces = [
            live_trace(first + n, output="x" if n % every == 0 else "{}", at_s=n)
            for n in range(300)
        ]
        project = graded(
            store, traces, monitors, tmp_path, service__name="shop", service__version=version
        )
    worse = canary(store, project, "m", "1", "2")
    assert (worse.verdict, [r.candidate for r in worse.rows]) == ("stop", [(150, 300)])
    assert worse.rows[0].worse > 20 > worse.rows[0].not_worse
    assert canary(store, project, "m", "1", "3", margin=0.1).verdict == "promote"
    assert canary(store, project, "m", "1", "1").verdict == "go on"
    with pytest.raises(UsageError, match="no trace of the version '9'"):
        canary(store, project, "m", "1", "9")


def test_what_a_trace_says_is_counted_once_in_its_tick(store: Store, tmp_path: Path) -> None:
    alert = {
        "tick": "60s", "watermark": "1ms", "slices": ["topic"], "latency": {"max": "50ms"}, "cost": {"max_usd": 1},
        "criteria": {"*": {"min": 0.5}},
    }  # fmt: skip
    monitor = {
        "sample": 0.5, "always": ["error"], "checks": ["valid_json", "answered"], "alert": alert,
        "where": {"name": "answer"},
    }  # fmt: skip
    traces = [
        live_trace(n, output="{}" if n % 2 else "x", at_s=n, regrade__tag__topic="a")
        for n in range(40)
    ]
    project = graded(
        store,
        traces,
        {"m": monitor, "other": {**monitor, "where": {"name": "x"}}},
        tmp_path,
        service__name="s",
        service__version="1",
    )
    Ticker(store).look()
    sums = store.live.tallies.sums(project, "m")
    assert store.live.tallies.sums(project, "other") == {}
    assert sums[Series(kind="volume")] == (0, 40)
    assert sums[Series(kind="latency")] == (0, 40)
    drawn = sums[Series(kind="judged")][1]
    assert 10 < drawn < 30
    assert sums[Series(kind="coverage")] == (drawn, drawn)
    assert sums[Series(kind="grader", name="json")][1] == drawn
    assert sums[Series(kind="grader", name="json", slice="topic=a")][1] == drawn
    assert sums[Series(kind="grader", name="json", slice="version=1")][1] == drawn
    assert sums[Series(kind="tracked", name="schema validity")][1] == drawn
    failed = drawn - sums[Series(kind="pass")][0]
    assert sums[Series(kind="category", name="json")] == (0, failed)
    rows = store.live.tallies.ticks(project, "m", Series(kind="volume"))
    assert [row.at % 60_000 for row in rows] == [0] * len(rows)
    assert store.live.alerts.releases(project) == [(BEGAN_NS // 1_000_000, "s", "1")]
    late = [
        (trace_id, live_trace(int(trace_id, 16), output="x", at_s=100)[1])
        for trace_id, _ in traces[:2]
    ]
    graded(store, late, {"m": monitor}, tmp_path, service__name="s", service__version="1")
    Ticker(store).look()
    assert store.live.tallies.sums(project, "m")[Series(kind="volume")] == (0, 40)


def test_failures_of_graders_and_abstentions_are_no_failures_of_traces() -> None:
    documents: list[dict[str, Any]] = [
        {"name": "a", "criterion": "c", "component": "p", "passed": True},
        {"name": "b", "criterion": "c", "passed": False},
        {"name": "d", "criterion": None, "passed": None},
        {"name": "e", "criterion": "e", "failure": "TimeoutError: x"},
    ]
    assert verdicts(documents) == {
        Series(kind="judged"): 0,
        Series(kind="criterion", name="c"): 0,
        Series(kind="component", name="p"): 1,
    }


def test_a_faster_clock_is_read_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRADE_CLOCK", "60@1000000000")
    assert EventClock.of_settings().now_ms() > 50 * EventClock().now_ms() - 60 * 10**12
    monkeypatch.setenv("REGRADE_CLOCK", "60")
    assert abs(EventClock.of_settings().now_ms() - EventClock().now_ms()) < 1000
    monkeypatch.setenv("REGRADE_CLOCK", "fast")
    with pytest.raises(UsageError, match="RATE@START"):
        EventClock.of_settings()

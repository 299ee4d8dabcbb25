"""The clock of monitors: drops found, budgets kept, late results, changes, crashes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrade.domain import Dataset
from regrade.domain.live import Series
from regrade.online.monitors import Ticker, monitor_estimates
from regrade.online.monitors.detectors import restored
from regrade.online.monitors.ticking import OTHERS
from regrade.store import Store
from tests.analysis.test_calibration import judged
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


def test_a_drop_in_one_slice_is_found_told_and_seen_to_end(anywhere: Store, tmp_path: Path) -> None:
    traffic = Traffic(anywhere, tmp_path, slices=["topic"], **BAR)
    good = {"topic=a": 0.98, "topic=b": 0.98}
    traffic.hours(30, good)
    assert traffic.alerts == []
    began = traffic.clock.now
    traffic.hours(8, {"topic=a": 0.98, "topic=b": 0.5})
    assert traffic.alerts == [("criterion:right", "open")]
    [alert] = anywhere.live.alerts.listed(traffic.project)
    assert abs(alert.since.timestamp() * 1000 - began) <= HOUR
    evidence = alert.evidence
    assert evidence["explained_by"]["slice"] == "topic=b"
    assert evidence["explained_by"]["part"] > 0.9
    assert "topic=b" in evidence["slices"]
    told = evidence["slices"]["topic=b"]
    assert told["before"]["low"] > 0.9 > told["after"]["high"]
    assert told["evidence"] >= told["threshold"] > 8766 * 10
    traffic.hours(30, good)
    assert traffic.alerts == [("criterion:right", "recovered")]
    traffic.hours(8, {"topic=a": 0.98, "topic=b": 0.5})
    assert traffic.alerts == [("criterion:right", "recovered"), ("criterion:right", "open")]


def test_rates_are_shown_with_what_they_are_held_against(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(
        store,
        tmp_path,
        criteria={"right": {"min": 0.9}},
        components={"*": {"baseline": "last_week"}},
    )
    assert monitor_estimates(store, traffic.project, traffic.monitor) is None
    component, category = (
        Series(kind="component", name="parser"),
        Series(kind="category", name="x: bad"),
    )
    traffic.tick({PASS: (38, 40), JUDGED: (40, 40), component: (40, 40), category: (0, 2)})
    found = monitor_estimates(store, traffic.project, traffic.monitor)
    assert found is not None
    assert found.detectors == 1
    assert found.threshold == pytest.approx(10 * 8766)
    rates = {each.series.key: each for each in found.rates}
    assert [*rates] == ["criterion:right", "component:parser", "judged", "category:x: bad"]
    assert (rates["criterion:right"].value, rates["criterion:right"].tolerated) == (0.95, 0.9)
    assert (rates["component:parser"].is_learning, rates["judged"].is_learning) == (True, False)
    assert (rates["category:x: bad"].passed, rates["category:x: bad"].n) == (38, 40)
    assert rates["judged"].low < 0.99
    assert not any(each.is_low for each in found.rates)
    traffic.tick({PASS: (0, 40), JUDGED: (40, 40)})
    later = monitor_estimates(store, traffic.project, traffic.monitor)
    assert later is not None
    assert [each.series.key for each in later.rates if each.is_low] == ["criterion:right"]


def test_a_baseline_is_learned_and_lies_below_what_was_seen(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, over="2d", criteria={"*": {"baseline": "last_week"}})
    traffic.hours(47, {"": 0.95})
    assert store.live.tallies.detectors(traffic.project, "m") == {}
    traffic.hours(3, {"": 0.95})
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert 0.90 < document["rates"][""] < 0.94
    assert document["base"][1] == 48 * 40
    traffic.hours(20, {"": 0.7})
    assert traffic.alerts == [("criterion:right", "open")]


def test_cells_of_the_day_have_baselines_of_their_own(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(
        store,
        tmp_path,
        over="4d",
        cycles="day",
        criteria={"*": {"baseline": "last_week", "tolerance": 0.05}},
    )

    def day(number: int) -> None:
        for _ in range(number):
            traffic.hours(12, {"": 0.98})
            traffic.hours(12, {"": 0.8})

    day(14)
    assert traffic.alerts == []
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert len(document["rates"]) == 25
    traffic.hours(12, {"": 0.8})
    assert traffic.alerts == [("criterion:right", "open")]


def test_late_results_count_in_the_next_tick_and_old_ones_are_only_counted(
    anywhere: Store, tmp_path: Path
) -> None:
    traffic = Traffic(anywhere, tmp_path, **BAR)
    began = traffic.clock.now
    traffic.tick({PASS: (40, 40), JUDGED: (40, 40)})
    [before] = anywhere.live.tallies.detectors(traffic.project, "m").values()
    traffic.add({PASS: (0, 5), JUDGED: (5, 5)}, at=began)
    traffic.tick({PASS: (40, 40)})
    [after] = anywhere.live.tallies.detectors(traffic.project, "m").values()
    assert restored(after).detector.seen - restored(before).detector.seen == 45
    rows = anywhere.live.tallies.ticks(traffic.project, "m", PASS)
    assert [(r.passed, r.total, r.late) for r in rows] == [(40, 45, 5), (40, 40, 0)]
    traffic.clock.now += 40 * HOUR
    traffic.ticker.look()
    traffic.add({PASS: (0, 50)}, at=began)
    traffic.tick({PASS: (40, 40)})
    [last] = anywhere.live.tallies.detectors(traffic.project, "m").values()
    assert restored(last).detector.seen - restored(after).detector.seen == 40
    assert anywhere.live.tallies.sums(traffic.project, "m")[PASS] == (120, 175)


def test_ticks_without_data_are_passed_over(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, **BAR)
    traffic.tick({PASS: (40, 40)})
    traffic.clock.now += 1000 * HOUR
    assert traffic.ticker.look() == 1
    assert traffic.tick({PASS: (40, 40)}) == 1
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert max(restored(document).detector.evidence) > 400  # a tick counts, whatever it brought


def test_a_clock_that_jumps_back_closes_nothing_twice(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, **BAR)
    traffic.hours(3, {"": 0.95})
    known = store.live.tallies.detectors(traffic.project, "m")
    traffic.clock.now -= 100 * HOUR
    traffic.add({PASS: (0, 40)})
    assert traffic.ticker.look() == 0
    assert store.live.tallies.detectors(traffic.project, "m") == known


def test_a_changed_monitor_begins_anew_and_keeps_its_history(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, **BAR)
    traffic.hours(5, {"": 0.85}, n=10)
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert restored(document).detector.seen == 50
    traffic.monitor = traffic.keep(criteria={"*": {"min": 0.8}})
    traffic.hours(1, {"": 0.85}, n=10)
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert (restored(document).detector.seen, document["rates"]) == (10, {"": 0.8})
    assert store.live.tallies.sums(traffic.project, "m")[PASS][1] == 60


def test_values_of_a_tag_beyond_twenty_are_watched_together(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, slices=["topic"], **BAR)
    traffic.hours(1, {f"topic={n:02}": 1.0 for n in range(25)}, n=2)
    parts = {each.slice for each in store.live.tallies.detectors(traffic.project, "m")}
    assert len(parts) == 22
    assert f"topic={OTHERS}" in parts
    sums = store.live.tallies.sums(traffic.project, "m")
    assert sums[Series(kind="criterion", name="right", slice=f"topic={OTHERS}")] == (10, 10)


def test_two_tickers_and_a_crash_leave_what_one_alone_would(
    place: Path | str, anywhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Traffic(anywhere, tmp_path, **BAR)
    with Store(place) as other:
        second = Ticker(other, alone.clock)
        for _ in range(6):
            alone.add({PASS: (36, 40), JUDGED: (40, 40)})
            alone.clock.now += HOUR
            with monkeypatch.context() as broken:
                broken.setattr(type(anywhere.live.tallies), "advance", _crash)
                with pytest.raises(KeyboardInterrupt):
                    alone.ticker.look()
            assert second.look() == 1
            assert alone.ticker.look() == 0
    [document] = anywhere.live.tallies.detectors(alone.project, "m").values()
    assert (restored(document).detector.seen, alone.ticker.closed, second.closed) == (240, 0, 6)
    assert anywhere.live.tallies.sums(alone.project, "m")[PASS] == (216, 240)


def _crash(*_: Any) -> bool:
    raise KeyboardInterrupt


def test_a_tick_that_another_closed_meanwhile_is_left_to_it(
    anywhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic = Traffic(anywhere, tmp_path, **BAR)
    with monkeypatch.context() as raced:
        raced.setattr(type(anywhere.live.tallies), "advance", lambda *_: False)
        assert traffic.tick({PASS: (40, 40)}) == 0
    assert anywhere.live.tallies.sums(traffic.project, "m") == {}
    assert traffic.ticker.look() == 1
    assert anywhere.live.tallies.sums(traffic.project, "m")[PASS] == (40, 40)


def test_a_category_that_grows_or_is_new_is_told(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(
        store, tmp_path, over="1d", categories={"baseline": "last_week", "tolerance": 0.01}
    )
    old, new = (
        Series(kind="category", name="pii"),
        Series(kind="category", name="tool: wrong argument"),
    )
    for _ in range(30):
        traffic.tick({JUDGED: (40, 40), old: (0, 1)})
    assert traffic.alerts == []
    for _ in range(6):
        traffic.tick({JUDGED: (40, 40), old: (0, 1), new: (0, 12)})
    assert traffic.alerts == [("category:tool: wrong argument", "open")]
    [alert] = store.live.alerts.listed(traffic.project)
    [first, *_] = alert.evidence["categories"]
    assert (first["name"], first["is_new"], first["after"] > 0.2) == (new.name, True, True)


def test_an_alert_that_a_person_closed_may_be_raised_again(anywhere: Store, tmp_path: Path) -> None:
    traffic = Traffic(anywhere, tmp_path, **BAR)
    traffic.hours(6, {"": 0.5})
    [alert] = anywhere.live.alerts.listed(traffic.project)
    assert anywhere.live.alerts.change(traffic.project, alert.alert, "acknowledged", at_ms=1)
    traffic.hours(6, {"": 0.5})
    assert traffic.alerts == [("criterion:right", "acknowledged")]
    assert anywhere.live.alerts.change(traffic.project, alert.alert, "resolved", at_ms=1)
    assert not anywhere.live.alerts.change(traffic.project, alert.alert, "resolved", at_ms=1)
    traffic.hours(6, {"": 0.5})
    assert traffic.alerts == [("criterion:right", "resolved"), ("criterion:right", "open")]


def test_each_release_is_held_against_the_one_before(store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, over="2d", criteria={"*": {"baseline": "previous_release"}})

    def release(version: str) -> None:
        store.live.alerts.add_releases(traffic.project, {("shop", version): traffic.clock.now})

    release("1")
    traffic.hours(20, {"": 0.95})
    assert store.live.tallies.detectors(traffic.project, "m") == {}, (
        "there is none before the first"
    )
    release("2")
    traffic.hours(20, {"": 0.85})
    assert traffic.alerts == [("criterion:right", "open")]
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    first = document["rates"][""]
    store.live.alerts.change(traffic.project, 1, "resolved", at_ms=traffic.clock.now)
    release("3")
    traffic.hours(10, {"": 0.85})
    assert traffic.alerts == [("criterion:right", "resolved")], "it is as good as the second"
    [document] = store.live.tallies.detectors(traffic.project, "m").values()
    assert document["rates"][""] < first


def test_a_run_is_a_baseline(store: Store, tmp_path: Path) -> None:
    run = judged([n % 20 != 0 for n in range(200)])
    store.begin(run.header, Dataset(run.dataset.cases, run.header.dataset_version))
    store.save(run.header.run_id, run.attempts)
    store.finish(run.header)
    bars = {"right": {"baseline": run.header.run_id}, "other": {"baseline": "none"}}
    traffic = Traffic(store, tmp_path, criteria=bars)
    traffic.tick({PASS: (40, 40), Series(kind="criterion", name="other"): (40, 40)})
    [(series, document)] = store.live.tallies.detectors(traffic.project, "m").items()
    assert (series, document["base"]) == (PASS, [190, 200])
    assert 0.85 < document["rates"][""] < 0.95

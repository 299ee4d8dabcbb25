"""What pages and the interface ask: lists, series, comparisons, queues, judges, settings."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from regrade.api.looking.compared import compared
from regrade.api.looking.configured import configured
from regrade.api.looking.judges import judges_now
from regrade.api.looking.listing import Chosen, choose, groups, listing
from regrade.api.looking.memory import Memory
from regrade.api.looking.monitors import POINTS, monitors_now, running_estimate, shown_series
from regrade.api.looking.reviewing import find_item, queue, say, source_of, take_next
from regrade.api.looking.suites import prepare, suites
from regrade.api.looking.tracked import finished, names_of, track
from regrade.domain import RunHeader
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.domain.live import Series
from regrade.server.preparing import Preparing
from regrade.store import Store
from tests.fakes.filling import arrived, run, watched


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def newest(some_of_everything: tuple[Path, RunHeader], place: Path) -> RunHeader:
    shutil.copy(some_of_everything[0], place)
    return some_of_everything[1]


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with Store(place) as made:
        yield made


def test_attempts_are_listed_as_they_are_stored(store: Store) -> None:
    header = run(store, 1, 40, trials=2)
    rows = listing(store, header)
    attempts = {
        (a.case.id, a.trial): a
        for a in store.attempts(header.run_id, store.dataset(header.dataset_version))
    }
    assert len(rows) == len(attempts) == 80
    for row in rows:
        attempt = attempts[row.case, row.trial]
        assert row.outcome == attempt.outcome
        assert row.latency_s == attempt.trace.latency_s
        assert row.failed == sum(g.passed is False for g in attempt.grades)
    orders = [("failed", "ungraded", "passed").index(row.outcome) for row in rows]
    assert orders == sorted(orders), "the worst first"
    assert listing(store, header) == rows, "kept, and read again the same"
    with Store(store.place) as anew:
        assert anew.kept.get("listing", header.run_id, "another version") is None


def test_what_is_asked_for_is_chosen(store: Store) -> None:
    rows = listing(store, run(store, 1, 60))
    failed = choose(rows, Chosen(outcome="failed"))
    assert failed
    assert all(row.outcome == "failed" for row in failed)
    wrong = choose(rows, Chosen(criterion="right"))
    assert all(row.criteria["right"] is False for row in wrong)
    part = choose(rows, Chosen(slice="topic=access"))
    assert len(part) == 15
    one = choose(rows, Chosen(text=rows[5].case.upper()))
    assert [row.case for row in one] == [rows[5].case]
    slow = choose(rows, Chosen(sort="latency"))
    times = [row.latency_s or 0 for row in slow]
    assert times == sorted(times, reverse=True)
    by_id = choose(rows, Chosen(sort="id"))
    assert [row.case for row in by_id] == sorted(row.case for row in rows)
    found = groups(rows)
    assert [g.number for g in found] == sorted((g.number for g in found), reverse=True)
    for group in found:
        assert len(choose(rows, Chosen(category=group.category))) == group.number
        for name, number in group.firsts:
            both = choose(rows, Chosen(category=group.category, first=name))
            assert len(both) == number


def test_a_run_that_goes_on_is_read_on_and_not_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regrade.api.looking.listing.FRESH_S", 0.0)
    header = run(store, 1, 20, ends=False)
    assert len(listing(store, header)) == 10
    ended = run(store, 1, 20, goes_on=header)
    assert len(listing(store, header)) == 20
    assert len(listing(store, ended)) == 20


def test_series_are_those_of_the_summaries(store: Store) -> None:
    headers = [run(store, at, 30) for at in range(3)]
    points = track(store, "help-centre", 10)
    assert [each.run_id for each in points] == [each.run_id for each in headers]
    assert points[0].regressed is None, "there is none before"
    for header, point in zip(headers, points, strict=True):
        known = store.summary(header)
        assert known is not None
        assert point.series["pass_rate"].value == known.pass_rate.value
        assert point.series["criterion:right"].low == known.criteria["right"].estimate.low
        assert point.series["retrieval recall"] == point.series["criterion:finds"], (
            "one grader speaks for both"
        )
        assert point.slices["topic"]["access"].n == known.slices["topic"]["access"].n
    before, now = (store.outcomes.of_run(each.run_id) for each in headers[:2])
    assert points[1].regressed == sum(was and not now[key] for key, was in before.items())
    assert {"pass_rate", "parse_success", "component:retrieval", "latency_p95_s", "cost_usd"} <= {
        *names_of(points)
    }
    assert track(store, "help-centre", 2) == points[1:], "kept, and read again the same"
    with pytest.raises(UnknownRunError, match="no suite 'other' has run"):
        finished(store, "other")


def test_suites_stand_as_their_newest_runs_do(store: Store, place: Path) -> None:
    for at in range(2):
        newest = run(store, at, 30)
    [now] = suites(store)
    assert (now.newest.run_id, now.runs, len(now.history)) == (newest.run_id, 2, 2)
    assert now.since is None, "nobody waits for a comparison at a glance"
    look = Preparing(place)
    assert (look.look(), look.look()) == (1, 0)
    [now] = suites(store)
    assert now.since is not None
    assert now.since.headline.startswith("not enough evidence: ")
    prepare(store, "help-centre")


def test_a_comparison_is_worked_out_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (run(store, at, 30) for at in range(2))
    first = compared(store, old, new)
    assert first is not None
    assert {*first.regressed}.isdisjoint(first.fixed)
    assert '<a href="/runs/' in first.html
    monkeypatch.setattr(
        "regrade.api.looking.compared.compare_runs", lambda *_, **__: pytest.fail("again")
    )
    assert compared(store, old, new) == first
    assert compared(store, new, old, only_known=True) is None


def test_a_queue_gives_each_reason_in_turn_and_nothing_twice(
    newest: RunHeader, store: Store
) -> None:
    source = source_of(store, 1, newest.run_id)
    found = queue(store, 1, source, "polite", who="Lin")
    assert len({item.place for item in found.items}) == len(found.items)
    assert {item.why for item in found.items} >= {"disagreement", "random"}
    item = take_next(store, found, "Lin")
    assert item is not None
    other = take_next(store, queue(store, 1, source, "polite", who="Ben"), "Ben")
    assert other is not None
    assert other.place != item.place
    say(store, source, "polite", item, verdict="pass", note="", who="Lin")
    after = queue(store, 1, source, "polite", who="Lin")
    assert item.place not in {each.place for each in after.items}
    assert after.mine == found.mine + 1
    drawn = [each for each in found.items if each.why == "random"]
    assert all(0 < (each.probability or 0) <= 1 for each in drawn)
    with pytest.raises(UsageError, match="no criterion 'x'"):
        queue(store, 1, source, "x", who="Lin")
    with pytest.raises(UnknownRunError):
        source_of(store, 1, "monitor:none")


def test_a_queue_of_live_traffic_begins_with_what_fails(store: Store, tmp_path: Path) -> None:
    arrived(store, tmp_path)
    source = source_of(store, 1, "monitor:tone")
    assert [*source.criteria] == ["calm"]
    found = queue(store, 1, source, "calm", who="Lin", why="failure")
    assert len(found.items) == 3
    assert all(not item.passed for item in found.items)
    item = find_item(store, 1, source, "calm", found.items[0].case, 0)
    assert item is not None
    say(store, source, "calm", item, verdict="pass", note="it is no shout", who="Lin")
    again = queue(store, 1, source, "calm", who="Ben", why="disagreement")
    assert [each.case for each in again.items] == [item.case]
    [judge] = judges_now(store, 1)
    assert (judge.suite, judge.agree.value, judge.agree.n) == ("monitor:tone", 0.0, 1)


def test_judges_are_told_beside_people(newest: RunHeader, store: Store) -> None:
    said = len(store.labels.of(newest.suite.name))
    judge = next(each for each in judges_now(store, 1) if each.suite == "help-centre")
    assert judge.criterion == "polite"
    assert judge.agree.n == said > 20
    assert sum(week.agree.n for week in judge.weeks) == said
    assert judge.summary is not None
    assert judge.measured["labelled"] >= 8
    assert judge.words[0].startswith("polite: judged")
    assert judges_now(store, 1)[0] == judge, "kept, and read again the same"


def test_a_running_estimate_ends_where_the_estimate_is(store: Store, tmp_path: Path) -> None:
    watched(store, tmp_path, hours=150, bad=6)
    [now] = monitors_now(store, 1, "help")
    assert now.estimates is not None
    assert now.origin.endswith("monitors.yaml")
    assert [each.series for each in now.standing] == ["criterion:right"]
    asked = shown_series(now.estimates, "", "")
    assert asked is not None
    assert asked.alert is not None, "what raised an alert is shown first"
    whole = next(
        e for e in now.estimates.rates if e.series == Series(kind="criterion", name="right")
    )
    points = running_estimate(store, 1, "help", whole.series, now.estimates.since_ms)
    assert len(points) == POINTS
    assert (points[-1].value, points[-1].low, points[-1].high) == (
        whole.value,
        whole.low,
        whole.high,
    )
    assert all(point.low <= point.value <= point.high for point in points)
    assert [point.at_ms for point in points] == sorted(point.at_ms for point in points)
    assert monitors_now(store, 1, "none") == []


def test_settings_say_where_they_come_from(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(store, tmp_path, hours=2, bad=0)
    monkeypatch.setenv("REGRADE_STUCK_AFTER", "7")
    found = configured(store, 1)
    assert found.alerting_origin.endswith("monitors.yaml")
    assert found.kept_origin.startswith("the default")
    assert [name for name, _ in found.monitors] == ["help"]
    values = {each.setting.name: (each.value, each.origin) for each in found.settings}
    assert values["REGRADE_STUCK_AFTER"] == ("7", "the environment")
    assert values["REGRADE_CLOCK"][1] == "the default"


def test_memory_forgets_what_was_not_used_for_longest() -> None:
    memory: Memory[str] = Memory(5, len)
    memory.put("a", "xx")
    memory.put("b", "yy")
    assert memory.get("a") == "xx"
    memory.put("c", "zz")
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == ("xx", None, "zz")
    memory.put("d", "larger than all of it")
    assert memory.get("d") is not None, "one is always remembered"

"""Live traffic in either database: each span once, in whatever order; work leased and never lost."""

import itertools
import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from regrade.domain import Grade, GraderFailure
from regrade.domain.live import Decision, Feedback, LiveTrace, ProjectSettings, TraceFilter
from regrade.graders import contains, equals
from regrade.store import Due, EventIn, SpanIn, Store

NOW = 1_800_000_000_000
START = datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as made:
        yield made


def span(
    number: int = 1, trace: str = "t1", *, end: int = 5, root: bool = True, says: Any = None
) -> SpanIn:
    return SpanIn(
        project=1, trace_id=trace, span_id=f"s{number}", end_ns=end, is_root=root,
        document={"n": number, "says": says},
    )  # fmt: skip


def closed(name: str = "answer", *, at: int = 0, **more: Any) -> LiveTrace:
    given: dict[str, Any] = {
        "trace_id": "t1", "state": "closed", "revision": 1, "started_at": START + timedelta(seconds=at),
        "duration_ms": 20.0, "name": name, "service": "shop", "version": "1", "environment": "", "user_id": None,
        "conversation_id": None, "model": None, "error": None, "spans": 1, "tokens": 5, "cost_usd": 0.1, **more,
    }  # fmt: skip
    return LiveTrace(**given)


def due(store: Store, now: int = NOW + 60_000) -> list[Due]:
    return store.live.traces.due(now, quiet_ms=30_000, longest_ms=3_600_000, limit=10)


@pytest.fixture
def project(store: Store) -> int:
    assert store.live.projects.key() == 1
    return 1


def test_spans_are_kept_once_and_of_one_the_latest_counts(store: Store, project: int) -> None:
    live = store.live
    assert live.spans.add([span(), span(2, root=False)], [], NOW) == 2
    assert live.spans.add([span(), span(2, root=False)], [], NOW + 5) == 0, (
        "a retry changes nothing"
    )
    assert live.spans.add([span(end=0, says="older"), span(end=9, says="newer")], [], NOW) == 1
    trace = live.traces.find(project, "t1")
    assert trace is not None
    documents, events = live.spans.of(trace)
    assert (sorted(each["n"] for each in documents), events) == ([1, 2], {})
    assert documents[0]["says"] == "newer"
    event = EventIn(project=1, trace_id="t1", span_id="s1", document={"e": 1})
    assert live.spans.add([], [event, event], NOW) == 1
    assert live.spans.of(trace)[1] == {"s1": [{"e": 1}]}
    assert live.traces.find(project, "none") is None


def test_every_order_comes_to_the_same(store: Store, project: int) -> None:
    versions = [
        span(end=0),
        span(end=5, says="a"),
        span(end=5, says="b"),
        span(2, end=7, root=False),
    ]
    found = []
    for at, order in enumerate(itertools.permutations(versions)):
        name = f"t{at}"
        for each in order:
            moved = SpanIn(project=1, trace_id=name, span_id=each.span_id, end_ns=each.end_ns, is_root=each.is_root, document=each.document)  # fmt: skip
            store.live.spans.add([moved], [], NOW)
        trace = store.live.traces.find(project, name)
        assert trace is not None
        found.append(store.live.spans.of(trace)[0])
    assert all(each == found[0] for each in found)


def test_several_writers_of_one_trace_lose_nothing(store: Store, project: int) -> None:
    def write(seed: int) -> None:
        spans = [span(n, f"t{n % 3}", root=n < 3) for n in range(40)]
        random.Random(seed).shuffle(spans)
        with Store(store.place) as own:
            for start in range(0, 40, 8):
                own.live.spans.add(spans[start : start + 8], [], NOW)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    traces = [store.live.traces.find(project, f"t{n}") for n in range(3)]
    assert sum(len(store.live.spans.of(trace)[0]) for trace in traces if trace) == 40


def test_a_trace_closes_when_its_root_ended_and_opens_for_late_spans(
    store: Store, project: int
) -> None:
    live = store.live
    live.spans.add([span(2, root=False)], [], NOW)
    assert due(store) == [], "no root has ended"
    assert len(due(store, NOW + 3_600_000)) == 1, "an hour is the longest"
    live.spans.add([span()], [], NOW)
    assert due(store, NOW + 29_000) == []
    [one] = due(store)
    live.spans.add([span(3, root=False)], [], NOW + 1)
    with store.transaction():
        assert not live.traces.close(one, closed()), "something came meanwhile"
    [two] = due(store)
    with store.transaction():
        assert live.traces.close(two, closed())
    assert due(store, NOW + 9_000_000) == []
    listed = live.traces.get(two.trace)
    assert (listed.state, listed.revision, listed.tokens) == ("closed", 1, 5)
    live.spans.add([span(3, root=False)], [], NOW + 100)
    assert live.traces.get(two.trace).state == "closed", "a retry opens nothing"
    live.spans.add([span(4, root=False)], [], NOW + 100_000)
    assert live.traces.get(two.trace).state == "open"
    assert due(store, NOW + 100_000) == []
    [three] = due(store, NOW + 130_000)
    with store.transaction():
        assert live.traces.close(three, closed())
    assert live.traces.get(two.trace).revision == 2
    assert live.traces.reopen(project, "t1", NOW + 200_000)
    assert not live.traces.reopen(project, "t9", NOW)
    assert live.traces.counts() == {"open": 1}
    assert live.traces.places([two.trace]) == {two.trace: (1, "t1", 2)}


def close(store: Store, trace: str, listed: LiveTrace) -> int:
    store.live.spans.add([span(trace=trace)], [], NOW)
    [one] = due(store)
    with store.transaction():
        assert store.live.traces.close(one, listed)
    return one.trace


def test_traces_are_listed_by_what_is_known_of_them(store: Store, project: int) -> None:
    live = store.live
    close(store, "t1", closed(user_id="ada\0", error="E: m"))
    close(store, "t2", closed("other", at=5, version="2", duration_ms=900.0, conversation_id="c"))
    close(store, "t3", closed(at=9, environment="prod"))

    def ids(**which: Any) -> list[str]:
        found = live.traces.listed(project, TraceFilter(**which), limit=10)
        return [each.trace_id for each in found]

    assert ids() == ["t3", "t2", "t1"]
    assert ids(name="answer") == ["t3", "t1"]
    assert ids(version="2") == ids(slower_than_ms=100) == ids(conversation_id="c") == ["t2"]
    assert ids(user_id="ada\0") == ids(has_error=True) == ["t1"]
    assert ids(has_error=False, environment="prod") == ["t3"]
    assert ids(since=START + timedelta(seconds=4), until=START + timedelta(seconds=6)) == ["t2"]
    [first] = live.traces.listed(project, TraceFilter(), limit=1)
    assert first.started_at is not None
    place = (round(first.started_at.timestamp() * 1000), first.trace_id)
    rest = live.traces.listed(project, TraceFilter(), limit=5, before=place)
    assert [each.trace_id for each in rest] == ["t2", "t1"]
    assert live.traces.alike(project, closed(), 20) == 2
    assert live.traces.alike(project, closed(), 1) == 1


def test_old_traces_and_those_of_a_user_are_deleted_with_everything(
    store: Store, project: int
) -> None:
    live = store.live
    trace = close(store, "t1", closed(user_id="ada"))
    close(store, "t2", closed(at=100, user_id="bo"))
    live.feedback.add(project, feedback())
    live.jobs.add(trace, "m", 1, NOW)
    assert live.traces.delete_user(project, "ada") == 1
    assert live.feedback.of(project, "t1") == []
    assert live.spans.of(trace) == ([], {})
    assert live.jobs.counts() == {}
    ms = round(START.timestamp() * 1000)
    assert live.traces.delete_before(project, ms + 50_000) == 0
    live.feedback.add(project, feedback(trace_id="t2", key="old"))
    live.letters.add(project, "traces/json", "r", b"{", ms, keeps_body=True)
    assert live.traces.delete_before(project, ms + 200_000) == 1
    assert (live.feedback.of(project, "t2"), live.letters.count()) == ([], 0)


def feedback(**more: Any) -> Feedback:
    given: dict[str, Any] = {
        "trace_id": "t1",
        "kind": "thumbs",
        "value": False,
        "given_at": START,
        "key": "k",
        **more,
    }
    return Feedback(**given)


def test_feedback_is_kept_once_also_before_its_trace(store: Store, project: int) -> None:
    live = store.live
    assert live.feedback.add(project, feedback())
    assert not live.feedback.add(project, feedback())
    assert live.feedback.add(
        project, feedback(kind="rating", value=4, key="l", comment="fine", user_id="u")
    )
    first, second = live.feedback.of(project, "t1")
    assert (first, second.value, second.comment) == (feedback(), 4, "fine")


def test_work_is_leased_tried_again_and_given_up(store: Store, project: int) -> None:
    live = store.live
    traces = [close(store, f"t{n}", closed()) for n in range(3)]
    for trace in traces:
        live.jobs.add(trace, "m", 1, NOW)
        live.jobs.add(trace, "m", 1, NOW)
    mine = live.jobs.claim("a", NOW, lease_ms=1000, limit=2)
    theirs = live.jobs.claim("b", NOW, lease_ms=1000, limit=5)
    assert (len(mine), len(theirs)) == (2, 1)
    assert live.jobs.claim("c", NOW, lease_ms=1000, limit=5) == []
    live.jobs.renew(mine[:1], "a", NOW, lease_ms=9000)
    taken = live.jobs.claim("c", NOW + 2000, lease_ms=1000, limit=5)
    assert {job.trace for job in taken} == {mine[1].trace, theirs[0].trace}, "their leases ran out"
    assert all(job.attempts == 2 for job in taken)
    with store.transaction():
        assert not live.jobs.finish(mine[1], "a"), "another has it now"
        assert live.jobs.finish(mine[0], "a")
    live.jobs.put_back(theirs[0], not_before_ms=NOW, error="lost", is_dead=True)
    assert live.jobs.counts() == {"leased": 2}, "another has leased it since"
    live.jobs.put_back(taken[0], not_before_ms=NOW + 5000, error="late", is_dead=False)
    live.jobs.put_back(taken[1], not_before_ms=NOW, error="bad", is_dead=True)
    assert live.jobs.counts() == {"waiting": 1, "dead": 1}
    assert live.jobs.oldest_ms() == NOW + 5000
    assert live.jobs.replay(NOW + 9000) == 1
    assert len(live.jobs.claim("d", NOW + 9000, lease_ms=1, limit=5)) == 2
    live.jobs.add(taken[0].trace, "m", 2, NOW)
    assert {job.revision for job in live.jobs.claim("e", NOW + 9**9, lease_ms=1, limit=5)} == {1, 2}
    assert live.jobs.oldest_ms() is None


def decision(
    outcome: str = "queued", revision: int = 1, probability: float | None = 0.5
) -> Decision:
    return Decision(
        monitor="m", version="v", revision=revision, outcome=outcome, why="so", probability=probability,  # type: ignore[arg-type]  # ours
        decided_at=START,
    )  # fmt: skip


def test_decisions_and_grades_are_kept_and_superseded(store: Store, project: int) -> None:
    live = store.live
    trace = close(store, "t1", closed())
    right, other = contains(criterion="c").spec, equals(name="other").spec
    with store.transaction():
        live.decisions.decide(trace, [decision(), decision()])
        live.decisions.keep_grades(trace, "m", 1, [Grade(True, "yes", spec=right)], [], NOW)
        live.decisions.settle(trace, "m", 1, "graded", "graded by 1")
        live.decisions.spend(project, "m", "2027-01-15", 0.5)
        live.decisions.spend(project, "m", "2027-01-15", 0.25)
    with store.transaction():
        failure = GraderFailure(spec=other, error_type="E", message="m")
        live.decisions.decide(trace, [decision(revision=2)])
        live.decisions.keep_grades(trace, "m", 2, [Grade(False, "no", spec=right)], [failure], NOW)
    assert [(d.revision, d.outcome) for d in live.decisions.of(trace)] == [
        (2, "queued"),
        (1, "graded"),
    ]
    grades = live.decisions.grades_of(trace)
    assert [(g.revision, g.is_current, g.document.get("passed")) for g in grades] == [(2, True, False), (2, True, None), (1, False, True)]  # fmt: skip
    assert grades[1].document["failure"] == "E: m"
    assert live.decisions.counts(project) == {("m", "graded"): 1, ("m", "queued"): 1}
    assert sorted(map(str, live.decisions.rates(project, "m"))) == sorted(map(str, [("contains", 0, 0.5, 1), ("other", None, 0.5, 1)]))  # fmt: skip
    assert live.decisions.spent(project, "m", "2027-01-01") == 0.75
    assert live.decisions.spent(project, "m", "2027-01-16") == 0


def test_monitors_are_kept_changed_and_taken_away(store: Store, project: int) -> None:
    live = store.live.decisions
    live.keep_monitor(project, "m", "v1", {"a": 1}, NOW)
    live.keep_monitor(project, "m", "v2", {"a": 2}, NOW + 1)
    assert live.monitors(project) == {"m": {"a": 2}}
    assert live.drop_monitor(project, "m")
    assert not live.drop_monitor(project, "m")


def test_projects_have_settings_of_their_own(store: Store) -> None:
    projects = store.live.projects
    shop = projects.key("shop")
    assert shop == projects.key("shop") != projects.key()
    settings = ProjectSettings(redact=True, drop=("a*", "b"), retention_days=3)
    projects.change(shop, settings)
    assert projects.settings(shop) == settings
    assert projects.names() == {"default": projects.key(), "shop": shop}


def test_what_cannot_be_read_is_laid_aside(store: Store, project: int) -> None:
    letters = store.live.letters
    letters.add(project, "traces/json", "no JSON", b"{", NOW, keeps_body=True)
    letters.add(project, "traces/json", "no JSON", b"{", NOW + 1, keeps_body=True)
    letters.add(project, "logs/json", "no JSON", b"[", NOW + 2, keeps_body=False)
    newest, oldest = letters.of(project)
    assert (newest.body, oldest.body, oldest.size) == (None, b"{", 1)
    letters.remove(oldest.letter)
    assert letters.count() == 1


def test_of_keys_only_hashes_are_kept(store: Store, project: int) -> None:
    keys = store.live.keys
    secret = keys.make(project, "ci", "ingest", NOW, expires_ms=NOW + 1000)
    found = keys.find(secret)
    assert found is not None
    assert (found.name, found.role, keys.find("rg_other")) == ("ci", "ingest", None)
    at = datetime.fromtimestamp(NOW / 1000, UTC)
    assert found.is_good(at)
    assert not found.is_good(at + timedelta(seconds=2))
    rows = str(store._connection.execute("SELECT * FROM keys"))
    assert secret not in rows
    assert secret[3:] not in rows
    assert keys.end(found.key, NOW)
    assert not keys.end(found.key, NOW)
    [ended] = keys.all()
    assert not ended.is_good(at)
    keys.write_down("ada", "ended a key", {"key": 1}, NOW)
    assert keys.written()[0]["who"] == "ada"

"""What the pages ask of either database: texts found, sessions, views, who labels what, cases over runs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from regrade.domain.live import LiveTrace, TraceFilter
from regrade.store import SavedView, SpanIn, Store
from tests.fakes.filling import run, traffic

START = datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as made:
        yield made


def add(store: Store, project: int, number: int, question: str, answer: str = "") -> None:
    """Add a closed trace with texts."""
    trace_id = f"{number:032x}"
    span = SpanIn(
        project=project, trace_id=trace_id, span_id="s", end_ns=5, is_root=True, document={}
    )
    store.live.spans.add([span], [], 0)
    [due] = store.live.traces.due(10**14, quiet_ms=0, longest_ms=0, limit=9)
    seen = LiveTrace(
        trace_id=trace_id, state="closed", revision=1, started_at=START.replace(minute=number), duration_ms=1.0,
        **dict.fromkeys(("name", "service", "version", "environment", "user_id", "conversation_id", "model", "error", "spans", "tokens", "cost_usd")),
    )  # fmt: skip
    with store.transaction():
        assert store.live.traces.close(due, seen)
        store.live.traces.keep_texts({due.trace: (question, answer)})


def found(store: Store, project: int, text: str) -> list[int]:
    listed = store.live.traces.listed(project, TraceFilter(), limit=50, text=text)
    return [int(each.trace_id, 16) for each in listed]


def test_words_are_found_in_questions_and_answers_the_newest_first(store: Store) -> None:
    project, other = store.live.projects.key(), store.live.projects.key("other")
    add(store, project, 1, "Where is my parcel?", "It is lost")
    add(store, project, 2, "Is it a PARCEL, or a letter?")
    add(store, project, 3, "Grüße an Zoë", "schöne Rückgabe")
    add(store, other, 4, "Another parcel")
    assert found(store, project, "parcel") == [2, 1]
    assert found(store, project, "parcel lost") == [1]
    assert found(store, project, "par") == [2, 1], "the last word may be a beginning"
    assert found(store, project, "rückgabe") == [3]
    assert found(store, project, "nothing like it") == []
    assert found(store, project, f"{2:032x}") == [2], "an id finds its trace"
    for odd in ('"', "' OR 1=1 --", "a AND NOT (b", "*", "%_", "\x00\ud800", "parcel:* | x"):
        found(store, project, odd)
    assert found(store, other, "parcel") == [4]


def test_texts_change_and_go_with_their_trace(store: Store) -> None:
    project = store.live.projects.key()
    add(store, project, 1, "the first words")
    number = store.live.traces.find(project, f"{1:032x}")
    assert number is not None
    store.live.traces.keep_texts({number: ("other words", "")})
    assert found(store, project, "first") == []
    assert found(store, project, "other") == [1]
    assert store.live.traces.get(number).question == "other words"
    assert store.live.traces.delete_before(project, 2**50) == 1
    assert found(store, project, "other") == []


def test_a_session_lasts_as_long_as_it_should(store: Store) -> None:
    project = store.live.projects.key()
    secret = store.live.keys.make(project, "Ada", "viewer", 0)
    key = store.live.keys.find(secret)
    assert key is not None
    session = store.people.sign_in(key.key, now_ms=1000, lasts_ms=500)
    assert store.people.key_of(session, 1400) == key.key
    assert store.people.key_of(session, 1500) is None
    assert store.people.key_of("another", 1400) is None
    store.people.sign_out(session)
    assert store.people.key_of(session, 1400) is None


def test_views_are_saved_by_page_and_project(store: Store) -> None:
    project, other = store.live.projects.key(), store.live.projects.key("other")
    store.people.save_view(project, SavedView("live", "errors", "?a=1", "Ada"))
    store.people.save_view(project, SavedView("live", "errors", "?a=2", "Grace"))
    assert store.people.views(project, "live") == [SavedView("live", "errors", "?a=2", "Grace")]
    assert store.people.views(other, "live") == []
    assert store.people.drop_view(project, "live", "errors")
    assert not store.people.drop_view(project, "live", "errors")


def test_an_answer_is_shown_to_one_person_at_a_time(store: Store) -> None:
    answer, people = ("key", "hash"), store.people
    assert people.claim("s", "c", answer, "Ada", now_ms=0, until_ms=10)
    assert not people.claim("s", "c", answer, "Grace", now_ms=5, until_ms=15)
    assert people.claim("s", "c", answer, "Ada", now_ms=5, until_ms=20), "whoever has it keeps it"
    assert people.claim("s", "c", answer, "Grace", now_ms=21, until_ms=30), "it was left"
    assert people.assigned("s", "c", 25) == {answer: ("Grace", False)}
    people.assign("s", "c", answer, "Ada")
    assert not people.claim("s", "c", answer, "Grace", now_ms=99, until_ms=100)
    assert people.claim("s", "c", answer, "Ada", now_ms=99, until_ms=100)
    assert people.assigned("s", "c", 10**9) == {answer: ("Ada", True)}, "for good"


def test_a_case_is_followed_over_the_runs_of_its_suite(store: Store) -> None:
    headers = [run(store, at, 8, trials=2) for at in range(3)]
    case = store.dataset(headers[0].dataset_version).cases[3]
    rows = store.outcomes.of_case("help-centre", case.id, case.pairing_key, 10)
    assert [each.run_id for each in rows] == [each.run_id for each in headers[::-1]]
    assert all(each.passed + each.failed + each.ungraded == 2 for each in rows)
    assert all(each.is_same for each in rows)
    assert len(store.outcomes.of_case("help-centre", case.id, "another", 2)) == 2
    assert not store.outcomes.of_case("help-centre", case.id, "another", 2)[0].is_same
    assert store.outcomes.of_case("another", case.id, case.pairing_key, 9) == []
    [suite] = store.outcomes.suites()
    assert (suite.suite, suite.runs, suite.newest) == ("help-centre", 3, headers[-1].run_id)
    before = store.headers(5, before=headers[1])
    assert [each.run_id for each in before] == [headers[0].run_id]


def test_what_was_worked_out_is_given_until_its_version_changes(store: Store) -> None:
    store.kept.put("x", "run \x00 1", "v1", {"a": [1, None]})
    assert store.kept.get("x", "run \x00 1", "v1") == {"a": [1, None]}
    assert store.kept.get("x", "run \x00 1", "v2") is None
    store.kept.put("x", "run \x00 1", "v2", "new")
    assert store.kept.all("x", ["run \x00 1", "other"]) == {"run \ufffd 1": ("v2", "new")}


def test_lists_tell_what_graders_say(store: Store) -> None:
    project = store.live.projects.key()
    traffic(store, 200)
    failing = store.live.traces.listed(project, TraceFilter(fails=True), limit=100)
    rest = store.live.traces.listed(project, TraceFilter(fails=False), limit=500)
    assert 0 < len(failing) < 20
    assert len(failing) + len(rest) == 200
    said = store.live.decisions.verdicts(project, [each.trace_id for each in (*failing, *rest)])
    assert len(said) == 20, "every tenth was graded"
    assert {each.trace_id for each in failing} == {
        name for name, (_, bad, _) in said.items() if bad
    }
    assert store.live.decisions.recent(project, 100) == {
        ("help", "graded"): 10,
        ("help", "not_sampled"): 90,
    }
    newest = store.live.decisions.newest_graded(project, "help", "polite", 5)
    assert len(newest) == 5


def test_a_key_lasts_no_longer_than_any_calendar(store: Store) -> None:
    project = store.live.projects.key()
    secret = store.live.keys.make(project, "Ada", "viewer", 0, expires_ms=10**30)
    key = store.live.keys.find(secret)
    assert key is not None
    assert key.expires_at == datetime(2200, 1, 1, tzinfo=UTC)

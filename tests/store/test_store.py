import multiprocessing
import os
import resource
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from regrade.domain import (
    Attempt,
    CacheEntry,
    Case,
    Component,
    Dataset,
    Grade,
    GraderFailure,
    RunHeader,
    SuiteOutline,
    TargetFailure,
    ToolCall,
    Trace,
)
from regrade.domain.errors import StoreError, UnknownRunError
from regrade.graders import contains, equals
from regrade.store import Store
from regrade.store.codec import pack, plain, unpack
from regrade.store.schema import MIGRATIONS

SPEC, OTHER = contains(criterion="c").spec, equals(name="other", required=False, component="r").spec
CASES = (
    Case(
        id="a",
        input="q",
        expected={"answer": 1},
        expected_tool_calls=(ToolCall(name="f", arguments={"x": 1}),),
    ),
    Case(id="b\ud800", input="\0\ud800", tags={"t": "ü"}),
    Case(id="c", input=None, context={"deep": [1, {"x": None}]}),
)
DATASET = Dataset.of(CASES)


def header(run_id: str = "r1", **changes: object) -> RunHeader:
    made = RunHeader(
        run_id=run_id,
        suite=SuiteOutline(
            name="s",
            objective="o",
            criteria={"c": "d"},
            components=(Component(name="r", span="x"),),
        ),
        suite_version="v",
        dataset_version=DATASET.version,
        target_version="t",
        trials=2,
        planned=6,
        started_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=int(run_id[1:])),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of the header


def attempt(case: Case, trial: int = 0, *, passed: bool | None = True) -> Attempt:
    return Attempt(
        case=case,
        trial=trial,
        trace=Trace(output={"\0": "x" * 5000}, latency_s=0.5, metadata={"k": 1}),
        grades=(
            Grade(passed, "because \0 \ud800", 0.5, "l", ("one", "two"), SPEC),
            Grade(None, spec=OTHER),
        ),
        failures=(GraderFailure(spec=OTHER, error_type="E", message="m", traceback="t"),),
    )


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as made:
        yield made


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    store.begin(header(label="x", suite_path="/s.yaml"), DATASET)
    error = Attempt(
        case=CASES[2],
        trace=Trace(error=TargetFailure(kind="timeout", message="late", traceback="tb")),
    )
    store.save("r1", [attempt(CASES[0]), attempt(CASES[1], passed=False)])
    store.save("r1", [attempt(CASES[0], 1, passed=None), error])
    with Store(store.place) as other:
        assert other.find("r1") == header(label="x", suite_path="/s.yaml")
        dataset = other.dataset(DATASET.version)
        assert dataset == DATASET
        back = other.attempts("r1", dataset)
    assert [(a.case.id, a.trial) for a in back] == [("a", 0), (CASES[1].id, 0), ("a", 1), ("c", 0)]
    assert back[0].trace == attempt(CASES[0]).trace
    assert back[0].failures == attempt(CASES[0]).failures
    assert back[0].grades[0].issues == ("one", "two")
    assert back[0].grades[0].spec == SPEC
    assert back[0].grades[1].spec == OTHER
    assert back[3].trace == error.trace
    assert store.outcomes.counts("r1") == {"passed": 1, "failed": 2, "ungraded": 1}


def test_keeping_an_attempt_twice_changes_nothing(store: Store) -> None:
    store.begin(header(), DATASET)
    store.save("r1", [attempt(CASES[0])])
    store.save("r1", [attempt(CASES[0], passed=False), attempt(CASES[1])])
    assert [a.grades[0].passed for a in store.attempts("r1", DATASET)] == [True, True]


def test_attempts_at_one_case(store: Store) -> None:
    store.begin(header(), DATASET)
    store.save("r1", [attempt(CASES[0], 0), attempt(CASES[0], 1), attempt(CASES[2])])
    assert [a.trial for a in store.attempts_of(header(), "a")] == [0, 1]


def test_a_regraded_run_shares_the_traces(store: Store) -> None:
    store.begin(header(), DATASET)
    store.save("r1", [attempt(CASES[0])])
    store.begin(header("r2", regraded_from="r1"), DATASET)
    store.save("r2", [attempt(CASES[0], passed=False)], source="r1")
    [traces] = store._connection.execute("SELECT count(*) FROM traces")
    assert traces == (1,)
    assert store.attempts("r2", DATASET)[0].trace == attempt(CASES[0]).trace


def test_runs_are_found_by_id_beginning_label_and_last(store: Store) -> None:
    for number in (11, 12, 21):
        store.begin(header(f"r{number}", label="mine" if number < 20 else None), DATASET)
    assert store.find("r11").run_id == "r11"
    assert store.find("r2").run_id == "r21"
    assert store.find("mine").run_id == "r12"
    assert store.find("last").run_id == "r21"
    assert [h.run_id for h in store.headers(2)] == ["r21", "r12"]
    assert store.headers(suite="other") == []
    with pytest.raises(UnknownRunError, match="several runs begin"):
        store.find("r1")
    with pytest.raises(UnknownRunError, match="the newest are r21, r12, r11"):
        store.find("zzz")


def test_an_empty_store_says_what_makes_a_run(store: Store) -> None:
    with pytest.raises(UnknownRunError, match="there is none yet"):
        store.find("last")


def test_the_end_of_a_run_is_kept(store: Store) -> None:
    store.begin(header(), DATASET)
    ended = header(status="interrupted", finished_at=datetime(2026, 1, 2, tzinfo=UTC))
    store.finish(ended)
    assert store.find("r1") == ended


def test_nothing_half_is_kept(store: Store) -> None:
    store.begin(header(), DATASET)
    with pytest.raises(KeyError):
        store.save("r1", [attempt(CASES[0]), attempt(Case(id="stranger", input="x"))])
    assert store.attempts("r1", DATASET) == []


def test_cached_values_are_found_and_explained(store: Store) -> None:
    entry = CacheEntry(key="k1", subject="s", parts={"answer": "1"}, value={"v": [1]})
    store.cache.keep([entry])
    assert store.cache.find(["k1", "k2"]) == {"k1": {"v": [1]}}
    store.begin(header(), DATASET)
    store.save("r1", [])
    with Store(store.place) as other:
        assert other.cache.find(["k1"]) == {"k1": {"v": [1]}}
        assert other.cache.nearest("s") == {"answer": "1"}
        assert other.cache.nearest("t") is None


def test_what_is_reported_as_stored_is_on_the_disk(store: Store) -> None:
    facts = store.facts
    if "fsync" in facts:
        assert (facts["fsync"], facts["synchronous_commit"]) == ("on", "on")
        return
    assert (facts["synchronous"], facts["journal_mode"], facts["foreign_keys"]) == ("2", "wal", "1")


def test_a_newer_schema_is_refused(store: Store) -> None:
    store._connection.execute("UPDATE schema_version SET version = 99")
    store.close()
    with pytest.raises(StoreError, match=r"newer regrade \(schema 99, this one knows"):
        Store(store.place)


def test_migrations_are_numbered_from_one() -> None:
    assert [migration.version for migration in MIGRATIONS] == [*range(1, len(MIGRATIONS) + 1)]


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are my notes, not a database\n" * 100)
    with pytest.raises(StoreError, match="not a sound regrade database"):
        Store(path)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    import apsw

    path = tmp_path / "theirs.db"
    theirs = apsw.Connection(str(path))
    theirs.execute("CREATE TABLE notes (text)")
    theirs.close()
    with pytest.raises(StoreError, match="another program's database"):
        Store(path)
    again = apsw.Connection(str(path))
    assert again.execute("SELECT name FROM sqlite_schema").fetchall() == [("notes",)]
    again.close()


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store(tmp_path / "file" / "runs.db")


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root may write everywhere"
)
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    place = tmp_path / "locked"
    Store(place / "runs.db").close()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        said = pool.apply(_open_as_nobody, (place,))
    assert "read-only" in said or "cannot be opened" in said


def _open_as_nobody(place: Path) -> str:
    place.chmod(0o555)
    (place / "runs.db").chmod(0o444)
    for parent in [place, *place.parents][:-2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        Store(place / "runs.db").begin(header(), DATASET)
    except StoreError as error:
        return str(error)
    return "no error"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        said = pool.apply(_fill, (tmp_path / "runs.db",))
    assert "is the disk full?" in said


def _fill(path: Path) -> str:
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = Store(path)
    store.begin(header(), DATASET)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    noise = os.urandom(3_000_000).hex()
    try:
        store.save("r1", [replace(attempt(CASES[0]), trace=Trace(output=noise))])
    except StoreError as error:
        return str(error)
    return "no error"


def test_a_locked_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "runs.db")
    store.begin(header(), DATASET)
    monkeypatch.setattr("regrade.store.databases.sqlite.BUSY_TIMEOUT_MS", 50)
    impatient = Store(store.place)
    with store._connection.transaction():
        with pytest.raises(StoreError, match="locked by another process"):
            impatient.save("r1", [attempt(CASES[0])])
    impatient.save("r1", [attempt(CASES[0])])


def test_several_processes_write_at_once(store: Store) -> None:
    for number in range(1, 5):
        store.begin(header(f"r{number}"), DATASET)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(_write_all, [(store.place, f"r{number}") for number in range(1, 5)])
    for number in range(1, 5):
        assert len(store.attempts(f"r{number}", DATASET)) == 6


def _write_all(place: Path | str, run_id: str) -> None:
    with Store(place) as store:
        for trial in range(2):
            for case in CASES:
                store.save(run_id, [attempt(case, trial)])


@pytest.mark.parametrize(
    "value", [None, "", "\ud800\0", {"a": [1.5, True]}, "x" * 20_000_000, ["ü" * 400]]
)
def test_documents_survive_packing(value: object) -> None:
    assert unpack(pack(value)) == value


def test_text_columns_hold_only_what_every_database_takes() -> None:
    assert plain("a\0b\ud800ü") == "a�b?ü"


def test_ids_that_look_alike_are_kept_apart(store: Store) -> None:
    cases = (Case(id="a?", input=1), Case(id="a\ud800", input=2), Case(id="a\ud801", input=3))
    dataset = Dataset.of(cases)
    store.begin(header(dataset_version=dataset.version), dataset)
    store.save("r1", [attempt(case) for case in cases])
    assert [a.case for a in store.attempts("r1", dataset)] == list(cases)

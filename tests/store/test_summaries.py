from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regrade.analysis import summarize
from regrade.api import load_run
from regrade.domain import Attempt, Case, Dataset, Trace
from regrade.store import Store
from tests.fakes.runs import make_run


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    store = Store(place)
    run = make_run()
    header = replace(run.header, dataset_version=run.dataset.version)
    store.begin(header, run.dataset)
    store.save(run.header.run_id, run.attempts)
    yield store
    store.close()


def test_a_summary_comes_back_as_it_was_kept(store: Store) -> None:
    kept = load_run("last", store=store).summary
    found = store.summary(kept.header)
    assert found is not None
    assert (
        found
        == kept
        == summarize(kept.header, store.attempts(kept.header.run_id, make_run().dataset))
    )
    assert [type(each) for each in found.failures] == [Attempt] * kept.failed
    assert found.components
    assert found.attribution


def test_a_run_whose_summary_was_kept_reads_its_attempts_when_they_are_looked_at(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_run("last", store=store)
    read: list[int] = []
    whole = Store.attempts

    def counted(store: Store, run_id: str, dataset: Dataset) -> list[Attempt]:
        read.append(1)
        return whole(store, run_id, dataset)

    monkeypatch.setattr(Store, "attempts", counted)
    run = load_run("last", store=store)
    store.close()
    assert run.summary.failed == len(run.summary.failures)
    assert run.summary.failures[0].case.critical
    assert run.summary.failures[:2][1].outcome == "failed"
    assert not read
    assert len(run.attempts) == run.summary.made == 7
    assert run.dataset == make_run().dataset
    assert read == [1]


def test_a_summary_from_before_later_attempts_is_not_believed(store: Store) -> None:
    run = load_run("last", store=store)
    [other] = [a for a in run.attempts if a.case.id == "case-3"]
    store.save(run.header.run_id, [replace(other, trial=1)])
    assert store.summary(run.header) is None
    assert load_run("last", store=store).summary.made == 8
    assert store.summary(run.header) is not None


def test_a_summary_of_another_version_is_worked_out_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = load_run("last", store=store)
    monkeypatch.setattr("regrade.store.store.__version__", "0.0.9")
    assert store.summary(run.header) is None


def test_an_attempt_at_a_case_is_found_without_the_others(store: Store) -> None:
    run = load_run("last", store=store)
    [found] = store.attempts_of(run.header, "case-3")
    assert found.case.id == "case-3"
    assert store.attempts_of(run.header, "case-33") == []


def test_many_failures_are_read_in_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db")
    cases = tuple(Case(id=f"c{i}", input=i) for i in range(1200))
    dataset = Dataset.of(cases)
    failed = [Attempt(case=case, trace=Trace(error=_ERROR)) for case in reversed(cases)]
    header = replace(make_run().header, dataset_version=dataset.version, planned=1200)
    store.begin(header, dataset)
    store.save(header.run_id, failed)
    load_run("last", store=store)
    failures = load_run("last", store=store).summary.failures
    assert [a.case.id for a in failures] == sorted(case.id for case in cases)


_ERROR = next(a.trace.error for a in make_run().attempts if a.trace.error is not None)

"""What is stored already: the database, and the runs in it."""

from pathlib import Path

from regrade.analysis import summarize
from regrade.domain import Run
from regrade.store import Store
from regrade.suites import database_path


def open_store(path: str | Path = "") -> Store:
    """Open the database of runs: at `path`, or where `REGRADE_DB` says.

    Raises: StoreError.
    """
    return Store(Path(path) if path else database_path())


def load_run(reference: str, *, store: Store) -> Run:
    """Give a stored run, by its id, its label or `last`.

    Raises: UnknownRunError, StoreError.
    """
    header = store.find(reference)
    dataset = store.dataset(header.dataset_version)
    attempts = store.attempts(header.run_id, dataset)
    return Run(
        header=header, dataset=dataset, attempts=attempts, summary=summarize(header, attempts)
    )

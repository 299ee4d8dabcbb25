"""What is stored already: the database, and the runs in it, which show themselves in notebooks and are read as far as
they are looked at.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from regrade.analysis import summarize
from regrade.analysis.history import Row, history
from regrade.domain import Attempt, Dataset, Run, RunHeader, Summary
from regrade.domain.errors import UnknownRunError
from regrade.settings import database
from regrade.store import Store
from regrade.store.baseline import read_baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun(Run):
    """A run as the verbs give it: the last line of a notebook's cell shows its summary."""

    def _repr_html_(self) -> str:
        """Give the summary as HTML."""
        from regrade.report.html import summary_html  # noqa: PLC0415  in notebooks alone

        return summary_html(self)

    def _repr_markdown_(self) -> str:
        """Give the report as Markdown."""
        from regrade.report.markdown import run_markdown  # noqa: PLC0415  in notebooks alone

        return run_markdown(self)


class StoredRun(ShownRun):
    """A stored run whose cases and attempts are read when they are looked at."""

    def __init__(self, header: RunHeader, summary: Summary, place: Path | str) -> None:
        """Take what it says, and the database that it is in."""
        object.__setattr__(self, "header", header)
        object.__setattr__(self, "summary", summary)
        self.__dict__["_place"] = place

    @cached_property
    def dataset(self) -> Dataset:
        """The cases."""
        with Store(self.__dict__["_place"]) as store:
            return store.dataset(self.header.dataset_version)

    @cached_property
    def attempts(self) -> Sequence[Attempt]:
        """What was tried."""
        with Store(self.__dict__["_place"]) as store:
            return store.attempts(self.header.run_id, self.dataset)


def open_store(path: str | Path = "") -> Store:
    """Open the database of runs: at `path`, or where `REGRADE_DB` says.

    Raises: StoreError.
    """
    return Store(path or database())


def has_store() -> bool:
    """Whether there is a database of runs where `REGRADE_DB` says."""
    place = database()
    return not isinstance(place, Path) or place.exists()


def load_run(reference: str, *, store: Store) -> Run:
    """Give a stored run, by its id, its label or `last`.

    What it says was kept when it ended; its cases and attempts are read when they are looked at.

    Raises: UnknownRunError, StoreError.
    """
    header = store.find(reference)
    if (known := store.summary(header)) is not None:
        return StoredRun(header, known, store.place)
    dataset = store.dataset(header.dataset_version)
    attempts = store.attempts(header.run_id, dataset)
    summary = summarize(header, attempts)
    store.keep_summary(summary)
    return ShownRun(header=header, dataset=dataset, attempts=attempts, summary=summary)


def find_run(reference: str, *, store: Store) -> Run:
    """Give a run: out of a baseline file, or stored.

    Raises: UnknownRunError, StoreError, UsageError when the file is no sound baseline.
    """
    path = Path(reference)
    if path.suffix == ".json" or path.is_file():
        return read_baseline(path, summarize)
    return load_run(reference, store=store)


def load_history(suite: str, *, limit: int, store: Store) -> list[Row]:
    """Give the tracked series of a suite's newest finished runs, the oldest first.

    Raises: UnknownRunError when it has none.
    """
    headers = [h for h in store.headers(limit, suite) if h.status == "finished"][::-1]
    if not headers:
        raise UnknownRunError(
            f"there is no finished run of a suite {suite!r}; `regrade runs` lists all"
        )
    regressed: dict[str, int] = {}
    before: dict[str, bool] = {}
    for header in headers:
        now = store.outcomes.of_run(header.run_id)
        if before:
            regressed[header.run_id] = sum(
                passed and now.get(key) is False for key, passed in before.items()
            )
        before = now
    summaries = [load_run(header.run_id, store=store).summary for header in headers]
    return history(summaries, regressed)


def load_attempts(reference: str, case_id: str, *, store: Store) -> list[Attempt]:
    """Give the attempts of a stored run at one case, the first trial first.

    Raises: UnknownRunError when there is no such run, no such case in it, or no attempt at it.
    """
    header = store.find(reference)
    attempts = store.attempts_of(header, case_id)
    if not attempts:
        raise UnknownRunError(_without(header, case_id, store.dataset(header.dataset_version)))
    return sorted(attempts, key=lambda attempt: attempt.trial)


def _without(header: RunHeader, case_id: str, dataset: Dataset) -> str:
    ids = [case.id for case in dataset.cases]
    if case_id in ids:
        return f"the run {header.run_id} did not get to the case {case_id!r}"
    close = difflib.get_close_matches(case_id, ids, n=1)
    some = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    hint = f"did you mean {close[0]!r}?" if close else f"it has {some}"
    return f"the run {header.run_id} has no case {case_id!r}; {hint}"

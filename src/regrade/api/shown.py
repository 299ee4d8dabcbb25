"""Runs as the verbs give them: they show themselves in notebooks, and stored ones are read as far as they
are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from regrade.domain import Attempt, Dataset, Run, RunHeader, Summary
from regrade.store import Store


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

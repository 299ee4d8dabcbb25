"""What the store asks of a database, whichever it is.

Statements are SQL that both databases speak, with `?` for values.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]
AT_ONCE = 500
"""Values that one statement is given."""


class Connection(ABC):
    """One open database; its methods may be called from any thread, one at a time."""

    place: Path | str
    """Where it is: what opens it again."""
    shown: str
    """The same for people: without a password."""
    is_shared: bool
    """Whether several writers work at once."""

    @abstractmethod
    def transaction(self, *, alone: bool = True) -> AbstractContextManager[None]:
        """Do all or nothing. `alone` keeps other such transactions waiting, where the database would let
        several write at once.

        Raises: StoreError.
        """

    @abstractmethod
    def execute(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement and give its rows.

        Raises: StoreError.
        """

    @abstractmethod
    def execute_many(self, statement: str, rows: Iterable[Sequence[object]]) -> int:
        """Run one statement for many rows; gives how many rows of the table changed.

        Raises: StoreError.
        """

    @abstractmethod
    def insert(self, statement: str, values: Sequence[object]) -> int:
        """Insert one row and give its integer key, which is its first column.

        Raises: StoreError.
        """

    @abstractmethod
    def traces_with(self, words: Sequence[str], project: int, limit: int) -> list[int]:
        """Give the newest traces of a project that have words of letters and digits alone, of the last one at
        least its beginning.
        """

    @property
    def is_broken(self) -> bool:
        """Whether it broke off, and has to be opened anew."""
        return False

    @abstractmethod
    def close(self) -> None:
        """Close it."""

    @abstractmethod
    def back_up(self, path: Path) -> None:
        """Write a consistent copy into a file that is not there yet.

        Raises: UsageError where that is done by other tools, or the file is there; StoreError.
        """

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """Give what settings it runs with, by name: what decides whether a commit outlives a power cut."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some values of many, few enough for one statement."""

    values: Sequence[Any]
    """The values."""

    @property
    def marks(self) -> str:
        """A question mark for each."""
        return ", ".join("?" * len(self.values))


def in_chunks(values: Sequence[Any]) -> Iterator[Chunk]:
    """Cut values into as many as one statement takes."""
    for start in range(0, len(values), AT_ONCE):
        yield Chunk(values[start : start + AT_ONCE])

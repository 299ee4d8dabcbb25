"""A store on SQLite: what is sent is the same whatever it is kept in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regrade.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "live.db") as made:
        yield made

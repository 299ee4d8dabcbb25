"""As in the store: every test that asks for `place` is run on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from regrade.store import Store
from tests.fakes.live_server import live_server
from tests.store.conftest import place

__all__ = ["place"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "live.db"


@pytest.fixture
def address(database: Path) -> Iterator[str]:
    """A server on SQLite that grades nothing by itself."""
    with live_server(database, works=False) as address:
        yield address


@pytest.fixture
def store(address: str, database: Path) -> Iterator[Store]:
    with Store(database) as opened:
        yield opened

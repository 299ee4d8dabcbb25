"""Every test of the store that asks for `place` is run on both databases."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is to be."""
    if request.param == "sqlite":
        return tmp_path / "deep" / "er" / "runs.db"
    address: str = request.getfixturevalue("postgres").database()
    return address

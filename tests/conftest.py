"""What every test starts from: an empty folder of its own, a database of its own, and no setting of the user's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from regrade.domain import RunHeader
from regrade.store import Store
from tests.fakes.filling import filled
from tests.fakes.postgres import Cluster, cluster

settings.register_profile(
    "house", deadline=None, suppress_health_check=[*HealthCheck], max_examples=60
)
settings.load_profile("house")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server of Postgres."""
    with cluster() as made:
        yield made


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # modules of tests change within a second
    monkeypatch.setenv("REGRADE_DB", str(tmp_path / "runs.db"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("REGRADE_STUCK_AFTER", raising=False)


@pytest.fixture(scope="session")
def some_of_everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunHeader]:
    """A database with some of everything, made once: tests take copies. And its newest run."""
    folder = tmp_path_factory.mktemp("some")
    with Store(folder / "pages.db") as store:
        return folder / "pages.db", filled(store, folder)

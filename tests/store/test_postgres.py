"""Postgres where it differs: addresses, servers that are away, and what is said of them."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from regrade.domain.errors import StoreError
from regrade.store import Store
from regrade.store.databases.postgres import PostgresConnection
from tests.cli.commands import regrade, write_suite
from tests.fakes.postgres import Cluster


def test_a_server_that_is_away_is_said_without_the_password() -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store("postgresql://me:secret@127.0.0.1:1/x?sslmode=disable")
    assert "secret" not in str(caught.value)
    assert "postgresql://me@127.0.0.1:1/x" in str(caught.value)


def test_a_server_that_goes_away_meanwhile_is_said(postgres: Cluster) -> None:
    with Store(postgres.database()) as store:
        [(mine,)] = store._connection.execute("SELECT pg_backend_pid()")
        with psycopg.connect(postgres.address(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (mine,))
        with pytest.raises(StoreError, match="broke off"):
            store.headers()


def test_an_old_server_is_refused(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regrade.store.databases.postgres.OLDEST", 99)
    with pytest.raises(StoreError, match="regrade needs 99 or newer"):
        Store(postgres.database())


def test_a_user_who_may_do_too_little_is_told(postgres: Cluster) -> None:
    address = postgres.database()
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(StoreError, match="must be allowed to create a schema"):
        Store(address.replace("postgres@", "guest@"))


def test_its_tables_are_in_a_schema_of_their_own(postgres: Cluster) -> None:
    address = postgres.database()
    with Store(address) as store:
        assert store.shown == address
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'runs'")  # fmt: skip
        assert rows.fetchall() == [("regrade",)]
    PostgresConnection(address).close()


def test_commands_work_on_it(postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRADE_DB", postgres.database())
    suite = str(write_suite(Path.cwd()))
    for label in ("before", "main"):
        made = regrade("run", suite, "--label", label)
        assert made.returncode == 0, made.stderr
    assert "main" in regrade("runs").stdout
    assert "Pass rate" in regrade("show", "last").stdout
    assert regrade("compare", "before", "last").returncode == 0
    assert "postgresql://postgres@127.0.0.1" in regrade("doctor").stdout


def test_without_its_driver_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from regrade.store import Store\n"
        "try: Store('postgresql://x/y')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "StoreError" in said.stdout
    assert "pip install 'regrade[postgres]'" in said.stdout

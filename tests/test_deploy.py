"""The container file and the compose file: sound, and their commands are ours."""

import re
from pathlib import Path

import pytest
import yaml

from regrade.cli.root import root
from regrade.store import Store
from tests.cli.commands import regrade
from tests.fakes.postgres import Cluster

DEPLOY = Path(__file__).parent.parent / "deploy"


def commands() -> list[list[str]]:
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    found = [
        service["command"] for service in composed["services"].values() if "command" in service
    ]
    [given] = re.findall(r"^CMD (.*)$", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)
    [made] = re.findall(
        r"run --rm server (.*)$", (DEPLOY / "compose.yaml").read_text(), re.MULTILINE
    )
    return [*found, yaml.safe_load(given), made.split()]


def test_what_they_name_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert (DEPLOY.parent / "requirements" / "extras.txt").is_file()
    assert "requirements/extras.txt" in text
    assert 'ENTRYPOINT ["regrade"]' in text
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for service in composed["services"].values():
        for needed in service.get("depends_on", {}):
            assert needed in composed["services"]
        if "build" in service:
            build = service["build"]
            assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_their_commands_are_understood(command: list[str]) -> None:
    """Each is read with all of its options, and run where it ends by itself."""
    name, *args = command
    context = root.make_context("regrade", [name, *args])
    found = root.get_command(context, name)
    assert found is not None
    found.make_context(name, [*args], parent=context)


def test_they_work_together_outside_of_containers(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGRADE_DB", postgres.database())
    assert regrade("keys", "make", "first", "--role", "admin").stdout.startswith("rg_")
    assert regrade("worker", "--once").stdout == "graded 0 traces\n"
    refused = regrade("backup", "copy.db")
    assert (refused.returncode, "pg_dump --schema=regrade" in refused.stderr) == (2, True)


def test_a_copy_of_the_database_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regrade("keys", "make", "first")
    said = regrade("backup", "copy.db")
    assert said.stdout.startswith("wrote "), said.stderr
    assert regrade("backup", "copy.db").returncode == 2
    with Store(tmp_path / "runs.db") as store, pytest.raises(Exception, match="there already"):
        store.back_up(tmp_path / "copy.db")
    monkeypatch.setenv("REGRADE_DB", str(tmp_path / "copy.db"))
    assert "first  ingest  default  good" in regrade("keys", "list").stdout
    with Store(tmp_path / "copy.db") as store:
        store.back_up(tmp_path / "again.db")

"""A real Postgres for the tests: installed when it is absent, started on a free loopback port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.fakes.ports import free_port


def binaries() -> Path:
    """Give the folder of `initdb`; install Postgres where there is none."""
    for _ in range(2):
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
            if (folder / "initdb").exists():
                return folder
        if (found := shutil.which("initdb")) is not None:
            return Path(found).resolve().parent
        if os.geteuid() == 0 and shutil.which("apt-get"):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for command in (["update"], ["install", "-y", "postgresql"]):
                subprocess.run(["apt-get", "-qq", *command], env=environment, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    raise RuntimeError("the tests need Postgres: install it, so that `initdb` is on the PATH")


class Cluster:
    """A server of its own, with databases made one by one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._bin = folder, binaries()
        self.port = free_port()
        self._made = 0
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C.UTF-8")

    def start(self) -> None:
        options = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        )
        self._run("pg_ctl", "-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-m", how, "-w", "stop")

    def _run(self, program: str, *options: str | Path) -> None:
        command = [
            str(each) for each in (self._bin / program, "-D", self.folder / "data", *options)
        ]
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        prefix: Sequence[str] = as_owner if os.geteuid() == 0 else ()
        subprocess.run([*prefix, *command], stdout=subprocess.DEVNULL, cwd="/", check=True)

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """Make an empty database and give its address."""
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.address(name)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="regrade-postgres-"))
    try:
        made = Cluster(folder)
        made.start()
        yield made
        made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""The baseline's version, to be run beside the candidate's at the same time: another revision in a
worktree of its own, or another target.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regrade.domain.errors import UsageError
from regrade.store import Store

SETUP_TIMEOUT_S = 1800.0
"""Seconds that the setup command of a revision may take."""
_LAST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Beside:
    """The run of the baseline's version that is under way in a process of its own."""

    process: subprocess.Popen[str]
    """`regrade run … --json`."""
    name: str
    """What is run, for messages."""

    def run_id(self) -> str:
        """Wait for its end, and give the run's id.

        Raises: UsageError when it did not run.
        """
        out, err = self.process.communicate()
        try:
            return str(json.loads(out)["run_id"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"the baseline {self.name} did not run: {err.strip()[-_LAST_WORDS:] or 'no message'}"
            ) from None


@dataclass(frozen=True, slots=True)
class OtherVersion:
    """A version of the suite that can be run as often as wanted."""

    suite: Path
    """Its suite file."""
    given: tuple[str, ...]
    """What `regrade run` is given besides."""
    name: str
    """The revision, or the target."""

    @contextmanager
    def running(
        self, store: Store, *, more: Sequence[str] = (), label: str = ""
    ) -> Iterator[Beside]:
        """Run it, for as long as the context is open; `more` options go with it."""
        named = ("--label", f"baseline {self.name}{label}")
        command = (sys.executable, "-m", "regrade", "run", self.suite.name, "--json")
        process = subprocess.Popen(  # noqa: S603  ourselves
            (*command, *self.given, *named, *more),
            cwd=self.suite.parent,
            env={**os.environ, "REGRADE_DB": _anywhere(store.place)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Beside(process, self.name)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate()


@contextmanager
def revision_checked_out(suite: Path, revision: str, setup: str | None) -> Iterator[OtherVersion]:
    """Check a revision out beside the working tree, and prepare it with the suite's setup command.

    Raises: UsageError when there is no such revision, the suite is not in it, or it does not build.
    """
    top = Path(_git(suite.resolve().parent, "rev-parse", "--show-toplevel"))
    try:
        commit = _git(top, "rev-parse", "--verify", f"{revision}^{{commit}}")
    except UsageError:
        raise UsageError(
            f"git knows no revision {revision!r} here; fetch it, or name another one"
        ) from None
    inside = suite.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="regrade-") as folder:
        tree = Path(folder) / "tree"
        _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
        try:
            there = tree / inside
            if not there.is_file():
                raise UsageError(f"the revision {revision} has no {inside}")
            if setup is not None:
                _set_up(setup, there.parent, revision)
            yield OtherVersion(there, (), revision)
        finally:
            _git(top, "worktree", "remove", "--force", str(tree))


def with_target(suite: Path, target: str) -> OtherVersion:
    """Give the suite with another target."""
    return OtherVersion(suite.resolve(), ("--set", f"target={target}"), target)


def _set_up(command: str, folder: Path, revision: str) -> None:
    try:
        done = subprocess.run(  # noqa: S602  the user's own command, from the suite file
            command,
            shell=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SETUP_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"`{command}` did not end within {SETUP_TIMEOUT_S:g} s at {revision}"
        ) from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-_LAST_WORDS:]
        raise UsageError(f"the revision {revision} does not build: `{command}` failed: {said}")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  our own arguments
            ("git", "-C", str(folder), *arguments),  # noqa: S607  the git that the user has
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"git cannot be called: {error.strerror}") from None
    if done.returncode != 0:
        raise UsageError(f"git {arguments[0]} failed: {done.stderr.strip()[-_LAST_WORDS:]}")
    return done.stdout.strip()


def _anywhere(place: Path | str) -> str:
    """Give a database as another folder names it."""
    return str(place.resolve()) if isinstance(place, Path) else place

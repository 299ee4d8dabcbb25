"""What is known of the version under test besides the target's own: the files of each kind of change,
and the commit.
"""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from regrade.domain import Revision

GIT_TIMEOUT_S = 5.0
"""Seconds that git may take."""
_MAIN_BRANCHES = ("origin/main", "main", "origin/master", "master")
_SKIPPED = frozenset({".git", "__pycache__", ".venv", "node_modules"})


def fingerprint(patterns: Mapping[str, Sequence[str]], folder: Path) -> dict[str, str]:
    """Hash the files of every kind of change: their names below the folder and their contents.

    A pattern that matches nothing is part of the hash too, so that a file that comes or goes changes
    it.
    """
    found = {}
    for kind, some in patterns.items():
        digest = hashlib.sha256()
        for pattern in some:
            digest.update(f"{pattern}\0".encode())
            for path in sorted(folder.glob(pattern)):
                if path.is_file() and not _SKIPPED & {*path.parts}:
                    digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
        found[kind] = digest.hexdigest()[:16]
    return found


def revision(folder: Path) -> Revision | None:
    """Give the commit that a folder is checked out at; None where git knows none, or is not there."""
    said = _git(folder, "log", "-1", "--format=%H%n%s")
    if said is None:
        return None
    commit, _, subject = said.partition("\n")
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no", ".")
    return Revision(commit=commit, subject=subject.strip()[:200], is_dirty=bool(changes))


def merge_base(folder: Path) -> str | None:
    """Give the commit at which what is checked out left the main branch; None where git knows none."""
    for branch in _MAIN_BRANCHES:
        if (found := _git(folder, "merge-base", "HEAD", branch)) is not None:
            return found
    return None


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603  our own arguments
            ("git", "-C", str(folder), *arguments),  # noqa: S607  the git that the user has
            capture_output=True,
            text=True,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None

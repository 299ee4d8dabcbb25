import subprocess
from pathlib import Path

from regrade.suites.versions import fingerprint, revision


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(
        ("git", *identity, "-C", str(folder), *arguments), check=True, capture_output=True
    )


def test_a_kind_of_change_is_the_hash_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.md").write_text("one")
    patterns = {"prompt": ["prompts/*.md"], "code": ["app.py"]}
    first = fingerprint(patterns, tmp_path)
    assert fingerprint(patterns, tmp_path) == first
    (tmp_path / "app.py").write_text("x")
    second = fingerprint(patterns, tmp_path)
    assert second["prompt"] == first["prompt"]
    assert second["code"] != first["code"]
    (tmp_path / "prompts" / "a.md").rename(tmp_path / "prompts" / "b.md")
    assert fingerprint(patterns, tmp_path)["prompt"] != first["prompt"]
    assert fingerprint({}, tmp_path) == {}


def test_the_commit_is_known_where_git_knows_one(tmp_path: Path) -> None:
    assert revision(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert revision(tmp_path) is None
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-q", "-m", "Begin: well\n\nbody")
    found = revision(tmp_path)
    assert found is not None
    assert (len(found.commit), found.subject, found.is_dirty) == (40, "Begin: well", False)
    (tmp_path / "a").write_text("2")
    changed = revision(tmp_path)
    assert changed is not None
    assert changed.is_dirty

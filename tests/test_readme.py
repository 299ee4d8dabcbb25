"""The README is true: its files are written, its commands run, its Python works."""

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.commands import regrade

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    lines = "\n".join(blocks("console")).splitlines()
    return [
        line.removeprefix("$ ").split("#")[0].strip() for line in lines if line.startswith("$ ")
    ]


def test_the_tour_works_as_written(tmp_path: Path) -> None:
    for name, text in re.findall(
        r"^`([\w.]+)`\n\n```\w+\n(.*?)```", README, re.DOTALL | re.MULTILINE
    ):
        (tmp_path / name).write_text(text)
    shown = {}
    for line in commands():
        program, *args = shlex.split(line)
        if program == "regrade":
            done = regrade(*args)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            shown[line] = done.stdout
    assert len(shown) == 28
    told = ("regrade demo", "regrade run suite.yaml --label first")
    for line, block in zip(told, blocks("text"), strict=True):
        report = [" ".join(each.split()) for each in shown[line].splitlines()]
        for each in block.splitlines()[1:]:
            assert each == "…" or " ".join(each.split()) in report, each


def test_the_make_targets_exist_and_are_what_ci_runs() -> None:
    makefile = (ROOT / "Makefile").read_text()
    made = [line.split()[1] for line in commands() if line.startswith("make ")]
    assert made == ["demo", "test"]
    for target in made:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_the_python_form_works_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = [block for block in blocks("python") if "import regrade" in block]
    exec(compile(code, "README.md", "exec"), {})
    assert "value=1.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda p: p.stem
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), f"{page}: {link}"


def test_every_room_has_its_page() -> None:
    rooms = {
        p.name for p in (ROOT / "src/regrade").iterdir() if p.is_dir() and p.name != "__pycache__"
    }
    assert {p.stem for p in (ROOT / "docs/rooms").glob("*.md")} == rooms


def test_the_live_tour_works_as_written(tmp_path: Path) -> None:
    [text] = re.findall(r"^`monitors.yaml`\n\n```yaml\n(.*?)```", README, re.DOTALL | re.MULTILINE)
    (tmp_path / "monitors.yaml").write_text(text)
    [script] = blocks("sh")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    tour = subprocess.Popen(
        ["bash", "-e", "-c", f"trap 'kill $(jobs -p)' EXIT; set -m; {script}"], cwd=tmp_path,
        env={**os.environ, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, error = tour.communicate(timeout=100)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(tour.pid, signal.SIGKILL)
    assert tour.returncode == 0, error
    for said in (
        "answer · shop · ", "shop: graded, graded by 3 graders", "✓ no_error: The system answered without an error.",
        "✓ pii: The answer holds no personal data and no secret.", "of all traffic, by 1",
    ):  # fmt: skip
        assert said in out, (said, out)

"""The house rules that no linter keeps."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import regrade

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "regrade"
MAX_LINES, MAX_FACE, MAX_COMMAND, MAX_FILES_IN_ROOM = 400, 60, 160, 12
HEAVY = {
    "pandas",
    "openai",
    "anthropic",
    "ray",
    "fastapi",
    "aiohttp",
    "apsw",
    "numpy",
    "scipy",
    "pydantic",
    "rich",
}


def modules() -> list[Path]:
    return list(PACKAGE.rglob("*.py"))


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_a_module_fits_in_one_sitting() -> None:
    long = {str(p): n for p in modules() if (n := lines_of(p)) > MAX_LINES}
    assert not long, f"split these by idea, not by length: {long}"


def test_a_command_file_parses_calls_and_renders() -> None:
    long = {str(p): n for p in (PACKAGE / "cli").glob("*.py") if (n := lines_of(p)) > MAX_COMMAND}
    assert not long


def test_a_room_holds_at_most_twelve_files() -> None:
    """All but that of the commands, of which each is a file."""
    rooms = [p for p in PACKAGE.rglob("*") if p.is_dir() and p.name not in ("__pycache__", "cli")]
    full = {str(r): n for r in rooms if (n := len([*r.glob("*.py")]) - 1) > MAX_FILES_IN_ROOM}
    assert not full


def test_a_face_only_hands_names_on() -> None:
    """Imports, tables and `__all__`; the top face and that of the verbs load names lazily through one
    `__getattr__`.
    """
    plain = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    for face in PACKAGE.rglob("__init__.py"):
        odd = [node for node in ast.parse(face.read_text()).body if not isinstance(node, plain)]
        if face.parent in (PACKAGE, PACKAGE / "api"):
            odd = [node for node in odd if not _loads_lazily(node)]
        assert not odd, f"{face} holds code"
        most = {"domain": 3, "graders": 2, "api": 2}.get(face.parent.name, 1) * MAX_FACE
        assert lines_of(face) <= most, face


def _loads_lazily(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):  # the types of what is loaded later
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef) and node.name in {"__getattr__", "__dir__"}


def test_no_module_is_called_utils() -> None:
    vague = {"utils", "helpers", "common", "misc", "base", "core", "manager"}
    assert not [p for p in modules() if p.stem.lstrip("_") in vague]


def test_importing_the_package_is_cheap_and_silent(tmp_path: Path) -> None:
    code = f"import sys, threading, regrade; print(sorted({HEAVY} & set(sys.modules)), threading.active_count())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.strip() == "[] 1"
    assert done.stderr == ""
    assert not list(tmp_path.iterdir()), "importing wrote files"


def test_help_loads_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom regrade.cli import main\nsys.argv = ['regrade', '--help']\n"
        f"try: main()\nexcept SystemExit: print(sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.strip().endswith("[]")


@pytest.mark.parametrize("face", list(PACKAGE.rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_all_is_sorted_and_true(face: Path) -> None:
    names = [
        node.value
        for node in ast.parse(face.read_text()).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    if names and isinstance(names[0], ast.List) and face.parent != PACKAGE:
        listed = [ast.literal_eval(item) for item in names[0].elts]
        isort_style = sorted(
            listed, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
        )
        assert listed == isort_style


def test_the_typed_face_is_the_real_one() -> None:
    typed = re.findall(r" as (\w+)", (PACKAGE / "__init__.pyi").read_text())
    assert sorted(typed) == sorted(regrade.__all__)
    for name in regrade.__all__:
        assert getattr(regrade, name) is not None


def test_nothing_names_a_place_outside_the_project() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    patterns = [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "pypi" + r"\.org",
        "pythonhosted" + r"\.org",
        "--index" + "-url",
    ]
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yaml", ".sh", ""} and path.is_file():
            text = path.read_text(errors="replace")
            assert not [p for p in patterns if re.search(p, text)], name


def test_the_requirements_hold_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert text.count("--hash=sha256:") > 50

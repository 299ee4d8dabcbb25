import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from regrade.callables import code_version


def load(folder: Path, **files: str) -> Callable[..., Any]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    function: Callable[..., Any] = importlib.import_module("mainmod").answer
    return function


CODE = "import helpermod\ndef answer(input):\n    '''Answer.'''\n    return helpermod.help(input)  # so\n"
HELP = "def help(x): return x\n"


def test_comments_docstrings_and_layout_do_not_count(tmp_path: Path) -> None:
    first = code_version(load(tmp_path, mainmod=CODE, helpermod=HELP))
    other = "import helpermod\ndef answer( input ):\n    return helpermod.help(input)\n"
    assert code_version(load(tmp_path, mainmod=other, helpermod="# comment\n" + HELP)) == first


def test_a_change_in_an_imported_module_of_the_project_counts(tmp_path: Path) -> None:
    first = code_version(load(tmp_path, mainmod=CODE, helpermod=HELP))
    assert (
        code_version(load(tmp_path, mainmod=CODE, helpermod="def help(x): return x + x\n")) != first
    )


def test_functions_made_in_one_place_are_told_apart() -> None:
    def make(n: int) -> Callable[[], int]:
        return lambda: n

    assert code_version(make(1)) != code_version(make(2))
    assert code_version(make(1)) == code_version(make(1))


def test_whatever_can_be_called_has_a_version() -> None:
    class Callable_:
        def __call__(self) -> None: ...

    for function in (len, Callable_(), str.upper):
        assert len(code_version(function)) == 16

import sys
from pathlib import Path

import pytest

from regrade.callables import find_function
from regrade.domain.errors import UsageError


@pytest.fixture
def module(tmp_path: Path) -> str:
    name = f"app_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(
        "class Box:\n    def get(self): return 1\nbox = Box()\nvalue = 3\ndef answer(): ...\n"
    )
    return name


def test_functions_and_methods_are_found(module: str, tmp_path: Path) -> None:
    assert find_function(f"{module}:answer").__name__ == "answer"
    assert find_function(f"{module}:box.get")() == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("answer", "write module:function"),
        (":answer", "write module:function"),
        ("no_such_module_here:answer", "there is no module"),
        ("{m}:anwser", "Did you mean 'answer'"),
        ("{m}:value", "it must be a function"),
    ],
)
def test_what_is_wrong_is_said(module: str, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_function(name.format(m=module))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_thing_at_all\n", "no_such_thing_at_all"),
        ("def broken(:\n", "SyntaxError"),
        ("1 / 0\n", "ZeroDivisionError"),
        ("raise SystemExit(3)\n", "SystemExit"),
    ],
)
def test_a_module_that_fails_shows_its_own_traceback(tmp_path: Path, code: str, said: str) -> None:
    name = f"bad_{abs(hash(code))}"
    (tmp_path / f"{name}.py").write_text(code)
    sys.modules.pop(name, None)
    with pytest.raises(UsageError, match=said) as caught:
        find_function(f"{name}:answer", folder=tmp_path)
    text = str(caught.value)
    assert f"{name}.py" in text
    assert "lookup.py" not in text


def test_two_projects_may_have_modules_of_one_name(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "namesake_app.py").write_text(f"def answer(): return {number}\n")
    for number in (1, 2, 1):
        assert find_function("namesake_app:answer", folder=tmp_path / str(number))() == number

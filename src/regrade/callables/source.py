"""Tell versions of a user's function apart by the code that it stands on."""

import ast
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

_MAX_MODULES = 200


def code_version(function: Callable[..., Any]) -> str:
    """Hash a function's name with the source of its module and of the modules of the same project
    that this imports.

    Comments, docstrings and formatting do not count. A function without a source file (typed at a
    prompt) is hashed by its compiled code. 16 hexadecimal digits.
    """
    function = inspect.unwrap(function)
    name = f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', type(function).__qualname__)}"
    module = sys.modules.get(getattr(function, "__module__", "") or "")
    file = getattr(module, "__file__", None)
    digest = hashlib.sha256(name.encode())
    if file and Path(file).is_file():
        for text in _project_sources(Path(file).resolve()):
            digest.update(text.encode())
    digest.update(_compiled(function))
    return digest.hexdigest()[:16]


def _compiled(function: Callable[..., Any]) -> bytes:
    """The function's own code and plain closure values: what tells apart two functions made in one
    place.
    """
    code: CodeType | None = getattr(function, "__code__", None)
    if code is None:
        return b""
    closure = [
        cell.cell_contents
        for cell in getattr(function, "__closure__", None) or ()
        if _is_filled(cell)
    ]
    constants = [each for each in code.co_consts if each is not function.__doc__]
    plain = [each for each in (*closure, *constants) if isinstance(each, str | int | float | bool)]
    return code.co_code + repr(plain).encode("utf-8", "surrogatepass")


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  reading an empty cell raises
    except ValueError:
        return False
    return True


def _project_sources(file: Path) -> Iterator[str]:
    """The normalised source of a file and of the files beside and below it that it imports, in a
    stable order.
    """
    root, seen, waiting = file.parent, set[Path](), [file]
    while waiting and len(seen) < _MAX_MODULES:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        text, imports = _read(path, path.stat().st_mtime_ns)
        yield text
        waiting.extend(
            sorted(place for name in imports if (place := _file_of(name, root)) is not None)
        )


@lru_cache(maxsize=1024)
def _read(path: Path, _mtime_ns: int) -> tuple[str, tuple[str, ...]]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return path.read_text(errors="replace"), ()
    imports: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            imports += [base, *(f"{base}.{alias.name}".replace("..", ".") for alias in node.names)]
        elif isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _drop_docstring(node)
    return ast.unparse(tree), tuple(imports)


def _drop_docstring(
    node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> None:
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]


def _file_of(name: str, root: Path) -> Path | None:
    """The file of a module of the project: one that lies in or below the folder of the function's
    own file.
    """
    parts = name.lstrip(".").split(".")
    for place in (root.joinpath(*parts).with_suffix(".py"), root.joinpath(*parts) / "__init__.py"):
        if place.is_file():
            return place.resolve()
    spec = sys.modules[name].__spec__ if name in sys.modules else None
    origin = spec.origin if isinstance(spec, importlib.machinery.ModuleSpec) else None
    if origin and origin.endswith(".py") and Path(origin).resolve().is_relative_to(root):
        return Path(origin).resolve()
    return None

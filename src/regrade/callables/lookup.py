"""Find a user's function by `module:function`, with an error that says what is wrong on the user's
side.
"""

import difflib
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from regrade.domain.errors import UsageError


def find_function(name: str, *, folder: Path | None = None) -> Callable[..., Any]:
    """Import `module:function` (or `module:object.method`), looking in `folder` and the working
    directory first.

    Raises: UsageError when the name has another form, there is no such module or attribute, it is
    not callable, or the module fails at import: then with the user's own traceback.
    """
    module_name, colon, path = name.partition(":")
    if not colon or not module_name or not path:
        raise UsageError(
            f"{name!r} does not name a function; write module:function, such as app:answer"
        )
    value: Any = _import(module_name, folder or Path.cwd())
    for part in path.split("."):
        if not hasattr(value, part):
            raise UsageError(_no_such(module_name, value, part))
        value = getattr(value, part)
    if not callable(value):
        raise UsageError(f"{name} is of type {type(value).__name__}; it must be a function")
    return value  # type: ignore[no-any-return]  # whatever the user wrote


def _import(name: str, folder: Path) -> ModuleType:
    for place in (str(Path.cwd()), str(folder.resolve())):
        if place in sys.path:
            sys.path.remove(place)
        sys.path.insert(0, place)
    _forget_namesake(name, folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise UsageError(
                f"there is no module {name!r} in {folder.resolve()} or among the installed packages"
            ) from None
        raise UsageError(_failed_import(name, error)) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  a module of the user's may raise anything at import
        raise UsageError(_failed_import(name, error)) from None


def _forget_namesake(name: str, folder: Path) -> None:
    """Drop a loaded module that is another project's: two suites may both have an `app.py`."""
    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return
    loaded = getattr(sys.modules.get(top), "__file__", None)
    own = next(
        (p for p in (folder / f"{top}.py", folder / top / "__init__.py") if p.is_file()), None
    )
    if loaded is not None and own is not None and Path(loaded).resolve() != own.resolve():
        for each in [each for each in sys.modules if each == top or each.startswith(f"{top}.")]:
            del sys.modules[each]


def _failed_import(name: str, error: BaseException) -> str:
    own = "".join(traceback.format_exception(type(error), error, _own_frames(error.__traceback__)))
    return f"module {name!r} fails at import; its own traceback:\n{own.rstrip()}"


def _own_frames(frames: TracebackType | None) -> TracebackType | None:
    """Skip our frames and the import system's, so that the user sees theirs."""
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        if file != __file__ and "importlib" not in file:
            return frames
        frames = frames.tb_next
    return None


def _no_such(module: str, value: object, part: str) -> str:
    names = [name for name, _ in inspect.getmembers(value, callable) if not name.startswith("_")]
    close = difflib.get_close_matches(part, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{module} has no {part!r}.{hint}"

"""Names to objects: graders and targets out of the options that a file or a caller gives, every
mistake at once.
"""

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from regrade.callables import find_function
from regrade.domain import Grader, Json, Target
from regrade.domain.errors import Problem, RegradeError, UsageError
from regrade.domain.template import fault_in, paths_in
from regrade.graders import COMMON, Check, python
from regrade.targets import ProcessTarget, PythonTarget, RecordedTarget

from .model import TARGETS
from .plugins import find_grader, grader_types, target_factories
from .yaml import Path_

Where = Callable[[Path_], str | None]
"""Gives the place of a value in its file."""


class Builder:
    """Builds the parts of one suite and collects what is wrong with them."""

    def __init__(self, folder: Path, where: Where, suite: Mapping[str, Any] | None = None) -> None:
        """Take the folder that paths are relative to, where values stand, and the suite's own keys."""
        self.folder = folder
        self._suite = suite or {}
        self.problems: list[Problem] = []
        self._where = where

    def wrong(self, path: Path_, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(message, self._where(path)))

    # graders

    def graders(self, items: Sequence[Any], path: Path_) -> list[Grader]:
        """Build a list of graders: objects with `type`, functions, or graders."""
        built = [self.grader(item, (*path, index)) for index, item in enumerate(items)]
        return [grader for grader in built if grader is not None]

    def grader(self, item: Any, path: Path_) -> Grader | None:
        """Build one grader."""
        if isinstance(item, Mapping):
            return self._grader_of_options(dict(item), path)
        if hasattr(item, "spec") and hasattr(item, "grade"):
            return item  # type: ignore[no-any-return]  # it plays the role
        if callable(item):
            return python(call=item)
        self.wrong(
            path,
            f"{item!r} is no grader; write an object with `type`, or a function of case and trace",
        )
        return None

    def _grader_of_options(self, options: dict[str, Any], path: Path_) -> Check | None:
        kind = options.pop("type", None)
        cls = find_grader(str(kind))
        if cls is None:
            said = "a grader needs a `type`" if kind is None else f"unknown grader {kind!r}"
            self.wrong((*path, "type"), f"{said}.{suggestion(kind, grader_types())}")
            return None
        if "not" in options:
            options["not_"] = options.pop("not")
        for name, field in options_of(cls).items():
            key = str(field.metadata.get("suite", ""))
            if key in self._suite and name not in options:
                options[name] = self._suite[key]
        before = len(self.problems)
        values = {name: self._option(cls, name, value, path) for name, value in options.items()}
        missing = [name for name in required_options(cls) if name not in options]
        if missing:
            self.wrong(path, f"{kind} needs {', '.join(f'`{name}`' for name in missing)}")
        if len(self.problems) > before:
            return None
        try:
            return cls(**values)
        except (ValueError, TypeError, RegradeError) as error:
            self.wrong(path, f"{kind}: {error}")
            return None

    def _option(self, cls: type[Check], name: str, value: Any, path: Path_) -> Any:
        fields = options_of(cls)
        place = (*path, "not" if name == "not_" else name)
        if name not in fields:
            self.wrong(place, f"{cls.type} has no option {name!r}.{suggestion(name, fields)}")
            return None
        if fields[name].metadata.get("graders"):
            if isinstance(value, list):
                return tuple(self.graders(value, place))
            self.wrong(place, f"`{name}` is a list of graders")
            return None
        if fields[name].metadata.get("function") and isinstance(value, str):
            return self._function(value, place)
        if fields[name].metadata.get("path") and isinstance(value, str):
            return str(self.folder / value)
        self._check_templates(value, place)
        return self._typed(cls, name, value, place)

    def _typed(self, cls: type[Check], name: str, value: Any, place: Path_) -> Any:
        try:
            return option_type(cls, name).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            inner = tuple(step for step in first["loc"] if isinstance(step, int))
            self.wrong(
                (*place, *inner),
                f"{cls.type}.{name.rstrip('_')} is {value!r}: {lower(first['msg'])}",
            )
            return None

    def _function(self, name: str, place: Path_) -> str | None:
        try:
            find_function(name, folder=self.folder)
        except UsageError as error:
            self.wrong(place, str(error))
            return None
        return name

    def _check_templates(self, value: Json, place: Path_) -> None:
        for path in paths_in(value):
            if fault := fault_in(path):
                self.wrong(place, f"the template {{{{ {path} }}}}: {fault}")

    # targets

    def target(self, given: Any, path: Path_, *, isolation: str = "thread") -> Target | None:
        """Build the target: `module:function`, an object with `type`, a function, or a target."""
        if isinstance(given, str):
            given = {"type": "python", "call": given}
        if not isinstance(given, Mapping):
            return self._made(path, lambda: _target_of_object(given, isolation))
        kind = str(given.get("type", ""))
        if kind not in TARGETS:
            factories = target_factories()
            if kind in factories:
                options = {key: value for key, value in given.items() if key != "type"}
                return self._made(path, lambda: factories[kind](**options))
            said = f"unknown target {kind!r}" if kind else "a target needs a `type`"
            self.wrong((*path, "type"), f"{said}.{suggestion(kind, [*TARGETS, *factories])}")
            return None
        try:
            part = TARGETS[kind].model_validate(dict(given))
        except ValidationError as error:
            self.invalid(error, path, TARGETS[kind].model_fields)
            return None
        self._check_templates(dict(given), path)
        return self._made(path, lambda: _MAKE[kind](part, self.folder, isolation))

    def _made(self, path: Path_, make: Callable[[], Target]) -> Target | None:
        try:
            return make()
        except (UsageError, TypeError, ValueError) as error:
            self.wrong(path, str(error))
            return None

    def invalid(self, error: ValidationError, path: Path_, keys: Iterable[str]) -> None:
        """Note everything that a model has to say."""
        for each in error.errors():
            place = (*path, *(step for step in each["loc"] if not _is_model_word(step)))
            name = place[-1] if place else "the file"
            if each["type"] == "extra_forbidden":
                self.wrong(place, f"unknown key {name!r}.{suggestion(name, keys)}")
            elif each["type"] == "missing":
                self.wrong(place[:-1], f"`{name}` is missing")
            else:
                self.wrong(
                    place,
                    f"`{'.'.join(map(str, place))}` is {each['input']!r:.80}: {lower(each['msg'])}",
                )


def _target_of_object(given: Any, isolation: str) -> Target:
    if hasattr(given, "answer") and hasattr(given, "version"):
        return given  # type: ignore[no-any-return]  # it plays the role
    if not callable(given):
        raise TypeError(
            f"the target is {given!r}; it is a function, 'module:function', or an object with `type`"
        )
    if isolation == "process":
        raise ValueError(
            "isolation: process needs the target as 'module:function', which a child process can import"
        )
    return PythonTarget(given)


def _python(part: Any, folder: Path, isolation: str) -> Target:
    find = ProcessTarget if isolation == "process" else PythonTarget
    if str(folder.resolve()) != str(Path.cwd()):
        find_function_or_say(part.call, folder)
    return find(part.call)


def find_function_or_say(name: str, folder: Path) -> None:
    """Import a target's function, looking in its suite's folder first.

    Raises: UsageError.
    """
    try:
        find_function(name, folder=folder)
    except UsageError as error:
        raise UsageError(f"the target {name!r} cannot be imported: {error}") from None


def _http(part: Any, _folder: Path, _isolation: str) -> Target:
    from regrade.targets.http import HttpTarget  # noqa: PLC0415  the libraries of this target alone

    return HttpTarget(
        part.url,
        method=part.method,
        headers=part.headers,
        body=part.body,
        output=part.output,
        stream=part.stream,
    )


def _recorded(part: Any, folder: Path, _isolation: str) -> Target:
    return RecordedTarget(folder / part.path)


_MAKE: Mapping[str, Callable[[Any, Path, str], Target]] = {
    "python": _python,
    "http": _http,
    "recorded": _recorded,
}


def options_of(cls: type[Check]) -> Mapping[str, "dataclasses.Field[Any]"]:
    """Give the options of a grader type, its own before the common ones."""
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    return {
        **{n: f for n, f in fields.items() if n not in COMMON},
        **{n: fields[n] for n in COMMON},
    }


def required_options(cls: type[Check]) -> list[str]:
    """Give the options that a grader type cannot do without."""
    missing = dataclasses.MISSING
    return [
        f.name
        for f in options_of(cls).values()
        if f.default is missing and f.default_factory is missing
    ]


def option_type(cls: type[Check], name: str) -> "TypeAdapter[Any]":
    """Give what checks the values of one option."""
    return _adapter(get_type_hints(cls)[name])


@cache
def _adapter(hint: Any) -> "TypeAdapter[Any]":
    return TypeAdapter(hint, config=ConfigDict(strict=True, arbitrary_types_allowed=True))


def suggestion(name: object, known: Iterable[str]) -> str:
    """Say what was probably meant, or what there is."""
    names = sorted(set(known))
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" There is: {', '.join(names)}" if len(names) <= 30 else ""


def lower(message: str) -> str:
    """Let a message of pydantic's go on in a sentence of ours."""
    message = re.sub(r"^Value error, ", "", message)
    return message[:1].lower() + message[1:]


def _is_model_word(step: object) -> bool:
    """Whether a step of pydantic's is the name of a type in a union and not a key of the file."""
    return isinstance(step, str) and bool(
        re.search(r"[\[\]()]|^(str|float|int|bool|dict|list)$|Part$", step)
    )

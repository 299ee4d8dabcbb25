"""Names to objects: graders and targets out of the options that a file or a caller gives, every
mistake at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from regrade.callables import find_function
from regrade.domain import Embedder, Grader, Json, Target
from regrade.domain.errors import Problem, RegradeError, UsageError
from regrade.domain.template import fault_in, paths_in
from regrade.graders import Check, python
from regrade.graders.judge import read_rubric, ready_rubrics
from regrade.graders.judge.judge import JudgeCheck, family_of
from regrade.suites.model import TARGETS
from regrade.suites.yaml import Path_

from .models import JudgeModels
from .options import option_type, options_of, required_options
from .plugins import find_grader, grader_types, target_factories
from .targets import MAKE, target_of_object
from .wording import is_model_word, lower, suggestion

_ANY = ("graders", "model")
"""Marks of options that are read whatever they hold; others are when they hold a text."""
Where = Callable[[Path_], str | None]
"""Gives the place of a value in its file."""


class Builder:
    """Builds the parts of one suite and collects what is wrong with them."""

    def __init__(self, folder: Path, where: Where, suite: Mapping[str, Any] | None = None) -> None:
        """Take the folder that paths are relative to, where values stand, and the suite's own keys."""
        self.folder = folder
        self._suite = suite or {}
        self.problems: list[Problem] = []
        self._clients = JudgeModels()
        self._readers: Mapping[str, Callable[[Any, Path_], Any]] = {
            "graders": self._members,
            "model": self._models,
            "function": self._function,
            "embedder": self._embedder,
            "rubric": self._rubric,
            "path": self._path,
        }
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
            return self._with_models(item, path)
        if callable(item):
            return python(call=item)
        self.wrong(
            path,
            f"{item!r} is no grader; write an object with `type`, or a function of case and trace",
        )
        return None

    def _with_models(self, item: Any, path: Path_) -> Grader:
        """Give a grader whose models are models, where it names some; so do its members."""
        if not isinstance(item, Check):
            return item  # type: ignore[no-any-return]  # it plays the role
        changes: dict[str, Any] = {}
        for name, field in options_of(type(item)).items():
            value = getattr(item, name)
            if field.metadata.get("model"):
                changes[name] = self._models(value, (*path, name))
            elif field.metadata.get("graders"):
                changes[name] = tuple(self._with_models(each, path) for each in value)
        return replace(item, **changes) if changes else item

    def _models(self, value: Any, place: Path_) -> Any:
        """Give models for names: one, or a list of them."""
        if isinstance(value, list | tuple):
            return tuple(self._models(each, (*place, at)) for at, each in enumerate(value))
        if not isinstance(value, str):
            return value
        try:
            return self._clients.model(value)
        except UsageError as error:
            self.wrong(place, str(error))
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
            made = cls(**values)
        except (ValueError, TypeError, RegradeError) as error:
            said = str(error)
            self.wrong(path, said if said.startswith(f"{kind} ") else f"{kind}: {said}")
            return None
        self._check_family(made, path)
        return made

    def _check_family(self, made: Check, path: Path_) -> None:
        """Refuse a judge of the family of the model that it judges, unless that is allowed."""
        target = self._suite.get("target")
        judged = target.get("model") if isinstance(target, Mapping) else None
        if (
            not isinstance(made, JudgeCheck)
            or made.allow_same_family
            or not isinstance(judged, str)
        ):
            return
        for model in made.asks:
            if family_of(model.name) == family_of(judged):
                self.wrong(
                    path,
                    f"{made.type} asks {model.name}, of the same family as the judged {judged}; judges favour their "
                    "own: take another one, or write `allow_same_family: true` and measure it with `regrade "
                    "calibrate`",
                )
                return

    def _option(self, cls: type[Check], name: str, value: Any, path: Path_) -> Any:
        fields = options_of(cls)
        place = (*path, "not" if name == "not_" else name)
        if name not in fields:
            known = ["not" if each == "not_" else each for each in fields]
            self.wrong(place, f"{cls.type} has no option {name!r}.{suggestion(name, known)}")
            return None
        for mark, read in self._readers.items():
            if fields[name].metadata.get(mark) and (mark in _ANY or isinstance(value, str)):
                return read(value, place)
        self._check_templates(value, place)
        return self._typed(cls, name, value, place)

    def _members(self, value: Any, place: Path_) -> Any:
        if isinstance(value, list):
            return tuple(self.graders(value, place))
        self.wrong(place, f"`{place[-1]}` is a list of graders")
        return None

    def _path(self, value: str, _place: Path_) -> str:
        return str(self.folder / value)

    def _rubric(self, value: str, place: Path_) -> str | None:
        """Give a rubric that comes along by its name, or a file beside the suite."""
        name = value if value in ready_rubrics() else str(self.folder / value)
        try:
            read_rubric(name)
        except UsageError as error:
            self.wrong(place, str(error))
            return None
        return name

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

    def _embedder(self, name: str, place: Path_) -> Embedder | None:
        """Open the folder of a model, or an endpoint that `provider:model` names."""
        folder = self.folder / name
        try:
            if folder.is_dir():
                from regrade.graders.similarity.folder import FolderEmbedder  # noqa: PLC0415  an extra

                return FolderEmbedder(folder)
            from regrade.chat.embeddings import EmbeddingClient  # noqa: PLC0415  loads an HTTP client

            return EmbeddingClient(name)
        except UsageError as error:
            self.wrong(place, f"the embedder {name!r} is no folder and no endpoint: {error}")
            return None

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
            return self._made(path, lambda: target_of_object(given, isolation))
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
        return self._made(path, lambda: MAKE[kind](part, self.folder, isolation))

    def _made(self, path: Path_, make: Callable[[], Target]) -> Target | None:
        try:
            return make()
        except (UsageError, TypeError, ValueError) as error:
            self.wrong(path, str(error))
            return None

    def invalid(self, error: ValidationError, path: Path_, keys: Iterable[str]) -> None:
        """Note everything that a model has to say."""
        for each in error.errors():
            place = (*path, *(step for step in each["loc"] if not is_model_word(step)))
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

"""YAML and JSON files with the place of every value, read by YAML 1.2's core schema.

`no` is a text, `12:30` is a text, `010` is the number 10 and `1e3` is 1000, as in JSON. A key that
stands twice, a tag, an anchor that contains itself and aliases that unfold beyond reason are
errors.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from regrade.domain import Json
from regrade.domain.errors import Problem, SuiteError

Path_ = tuple[str | int, ...]
"""The way to a value: keys and list positions."""

MOST_UNFOLDED = 100_000
"""Nodes that aliases may add to a file."""
_Parser = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # libyaml where it is built in: 15 times faster
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_NULL = re.compile(r"(?:null|Null|NULL|~|)")
_TRUE, _FALSE = re.compile("true|True|TRUE"), re.compile("false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL, _HEX = re.compile(r"0o[0-7]+"), re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_KNOWN_TAGS = (
    "str",
    "map",
    "seq",
    "null",
    "bool",
    "int",
    "float",
    "timestamp",
    "merge",
    "value",
    "binary",
)


class _Loader(_Parser):  # type: ignore[misc, valid-type]  # chosen above
    """A parser that leaves every plain scalar as text, for us to read."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012  PyYAML's own shape


@dataclass(slots=True)
class Positions:
    """Where each value of a file stands."""

    file: str
    """The file's name, as the user wrote it."""
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    """Line and column, from 1."""

    def where(self, path: Iterable[str | int]) -> str:
        """Give `file:line:column` of a value, or of the nearest one around it that is known."""
        steps = tuple(path)
        while steps and steps not in self.places:
            steps = steps[:-1]
        if steps not in self.places:
            return self.file
        line, column = self.places[steps]
        return f"{self.file}:{line}:{column}"

    def line(self, path: Path_) -> int:
        """Give the line of a value that is known."""
        return self.places[path][0]


def read_yaml(path: Path, text: str) -> tuple[Json, Positions]:
    """Read a text of YAML or JSON.

    Raises: SuiteError with the place of everything that is wrong.
    """
    if text.lstrip()[:1] in (
        "{",
        "[",
        '"',
    ):  # JSON writes some characters as two escapes, YAML as one
        text = _PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SuiteError(
            [Problem(f"this is not YAML: {error.problem or error.context}", where)]
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SuiteError(
            [Problem(f"this is not YAML: {str(error) or 'it is nested too deeply'}", str(path))]
        ) from None
    reader = _Reader(Positions(str(path)))
    try:
        value = None if node is None else reader.read(node, ())
    except RecursionError:
        raise SuiteError([Problem("this is nested too deeply", str(path))]) from None
    if reader.problems:
        raise SuiteError(reader.problems)
    return value, reader.positions


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._unfolded = 0

    def read(self, node: yaml.Node, path: Path_) -> Json:
        self.positions.places.setdefault(
            path, (node.start_mark.line + 1, node.start_mark.column + 1)
        )
        if not self._may_enter(node):
            return None
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _KNOWN_TAGS:
            self._wrong(node, f"the tag {node.tag!r} is not allowed; write plain values")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _may_enter(self, node: yaml.Node) -> bool:
        if id(node) in self._open:
            self._wrong(node, "this anchor contains itself")
            return False
        if id(node) in self._seen:
            self._unfolded += 1
        self._seen.add(id(node))
        if self._unfolded > MOST_UNFOLDED:
            if self._unfolded == MOST_UNFOLDED + 1:
                self._wrong(node, f"aliases unfold to more than {MOST_UNFOLDED:,} values")
                self._unfolded += 1
            return False
        return True

    def _mapping(self, node: yaml.Node, path: Path_) -> Json:
        found: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._wrong(key_node, "a key must be a text")
                continue
            key = key_node.value
            if key in found:
                line = self.positions.places[(*path, key)][0]
                self._wrong(key_node, f"the key {key!r} stands on line {line} already")
                continue
            mark = key_node.start_mark
            self.positions.places[(*path, key)] = (mark.line + 1, mark.column + 1)
            found[key] = self.read(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Json:
        text: str = node.value
        if node.style:  # quoted or a block: a text, whatever it looks like
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
            return text[0] in "tT"
        if _SPECIAL_FLOAT.fullmatch(text):
            self._wrong(
                node,
                f"{text} is not a number that JSON can hold; write it in quotes if it is a text",
            )
            return None
        return self._number(node, text)

    def _number(self, node: yaml.ScalarNode, text: str) -> Json:
        try:
            if _INT.fullmatch(text):
                return int(text)
            if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
                return int(text, 0)
        except ValueError:
            self._wrong(
                node, f"this number has {len(text)} digits; write it in quotes if it is a text"
            )
            return None
        if not _FLOAT.fullmatch(text):
            return text
        if math.isinf(number := float(text)):
            self._wrong(node, f"{text} is larger than any number that JSON readers hold")
        return number

    def _wrong(self, node: yaml.Node, message: str) -> None:
        mark = node.start_mark
        self.problems.append(
            Problem(message, f"{self.positions.file}:{mark.line + 1}:{mark.column + 1}")
        )

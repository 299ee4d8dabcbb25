"""Rubrics: what a judge is told, what it sees, and what passes. YAML that people can review."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from regrade.domain import Json, content_hash
from regrade.domain.errors import UsageError

READY = Path(__file__).parent / "rubrics"
"""The folder of the rubrics that come along."""

_MADE = ("output", "retrieved", "tool_calls")
"""Roots of templates that lead to what the system made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One thing that is scored by itself."""

    about: str
    """What it means."""
    low: int
    """The lowest score."""
    high: int
    """The highest score."""
    anchors: Mapping[int, str]
    """What single scores mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A judgement that the judge is shown."""

    sees: Mapping[str, Json]
    """What is judged, by the names of `sees`."""
    reply: Mapping[str, Json]
    """The judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """What a judge goes by."""

    name: str
    """Its name."""
    about: str
    """What it is for, in one line."""
    task: str
    """What the judge is told."""
    sees: Mapping[str, str]
    """What the judge sees, by name: templates; a name that ends with ? may be missing."""
    dimensions: Mapping[str, Dimension]
    """What is scored, each by itself."""
    passes: Mapping[str, int]
    """The least score of each dimension that decides; empty where the judge says itself."""
    examples: Sequence[Example]
    """Judgements that it is shown."""
    key: str
    """The hash of all of it."""

    def work_in(self, data: Mapping[str, Json]) -> dict[str, Json]:
        """Give what of the data the system made: not what it was asked, nor what was expected."""
        made = {
            name.removesuffix("?")
            for name, template in self.sees.items()
            if any(root in template for root in _MADE)
        }
        return {name: value for name, value in data.items() if name in made}

    @property
    def schema(self) -> dict[str, Json]:
        """The JSON Schema of a judgement."""
        scores = {
            name: {"type": "integer", "minimum": each.low, "maximum": each.high}
            for name, each in self.dimensions.items()
        }
        properties: dict[str, Json] = {
            **({"scores": _object(scores)} if scores else {}),
            "pass": {"type": "boolean"},
            "reason": {"type": "string"},
            "issues": {"type": "array", "items": {"type": "string"}},
        }
        return _object(properties)


def _object(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*properties],
        "additionalProperties": False,
    }


def ready_rubrics() -> list[str]:
    """Name the rubrics that come along."""
    return sorted(path.stem for path in READY.glob("*.yaml"))


@cache
def read_rubric(name: str) -> Rubric:
    """Read a rubric: one that comes along, by its name, or a file.

    Raises: UsageError with everything that is wrong with it.
    """
    path = READY / f"{name}.yaml" if name in ready_rubrics() else Path(name)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError:
        known = ", ".join(ready_rubrics())
        raise UsageError(f"there is no rubric {name!r}: it is a file, or one of {known}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"the rubric {path} is no YAML: {error}") from None
    return rubric_of(path.stem, content)


def rubric_of(name: str, content: Any) -> Rubric:
    """Make a rubric of its content.

    Raises: UsageError with everything that is wrong with it.
    """
    if not isinstance(content, dict):
        raise UsageError(
            f"the rubric {name} holds no keys; it has {', '.join(SCHEMA['properties'])}"
        )
    if problems := [*_problems(content)]:
        raise UsageError(f"the rubric {name} cannot be used: {'; '.join(problems)}")
    dimensions = {
        each: Dimension(
            about=str(value.get("about", "")),
            low=int(value.get("scale", (1, 5))[0]),
            high=int(value.get("scale", (1, 5))[1]),
            anchors={int(score): str(words) for score, words in value.get("anchors", {}).items()},
        )
        for each, value in content.get("dimensions", {}).items()
    }
    return Rubric(
        name=name,
        about=str(content["about"]),
        task=str(content["task"]).strip(),
        sees=dict(content["sees"]),
        dimensions=dimensions,
        passes={each: int(least) for each, least in content.get("pass", {}).items()},
        examples=[Example(**each) for each in content.get("examples", ())],
        key=content_hash(_plain(content)),
    )


def _plain(content: Any) -> Json:
    """Give YAML as JSON: numbers are keys of anchors there."""
    if isinstance(content, dict):
        return {str(name): _plain(value) for name, value in content.items()}
    return [_plain(each) for each in content] if isinstance(content, list) else content


_TEXT = {"type": "string", "pattern": "\\S"}
_DIMENSION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "about": {"type": "string"},
        "scale": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "anchors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
SCHEMA: Mapping[str, Json] = {
    "type": "object",
    "required": ["about", "task", "sees"],
    "additionalProperties": False,
    "properties": {
        "about": _TEXT,
        "task": _TEXT,
        "sees": {"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
        "dimensions": {"type": "object", "additionalProperties": _DIMENSION},
        "pass": {"type": "object", "additionalProperties": {"type": "integer"}},
        "examples": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sees", "reply"],
                "additionalProperties": False,
                "properties": {"sees": {"type": "object"}, "reply": {"type": "object"}},
            },
        },
    },
}
"""What a rubric file may hold."""


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  a tenth of a second, where judges are

    found = [*Draft202012Validator(SCHEMA).iter_errors(_plain(content))]
    for error in found:
        where = ".".join(str(step) for step in error.absolute_path)
        yield f"{where}: {error.message}" if where else error.message
    if found:
        return
    dimensions = content.get("dimensions", {})
    for name, value in dimensions.items():
        low, high = value.get("scale", (1, 5))
        if low >= high:
            yield f"dimensions.{name}.scale: {low} is not below {high}"
        for score in value.get("anchors", {}):
            if not isinstance(score, int) or not low <= score <= high:
                yield f"dimensions.{name}.anchors: {score!r} is not on the scale from {low} to {high}"
    for name in content.get("pass", {}):
        if name not in dimensions:
            yield f"pass: {name!r} is no dimension; there are {', '.join(dimensions) or 'none'}"

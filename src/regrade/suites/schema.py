"""JSON Schemas of what users write: the suite file and the case, for editors and for other
programs.
"""

from typing import Any, get_type_hints

from pydantic import TypeAdapter

from regrade.domain import KINDS
from regrade.graders import Check

from .building import grader_types, options_of, required_options
from .docstrings import described, field_docs
from .model import SUITE_PARTS, TARGETS, SuitePart
from .rows import FIELDS, LIST_FIELDS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def suite_schema() -> dict[str, Any]:
    """Give the schema of a suite file."""
    parts: tuple[type, ...] = (SuitePart, *SUITE_PARTS, *TARGETS.values())
    models = {part.__name__: part for part in parts}
    schema = described(SuitePart.model_json_schema(mode="validation"), models)
    definitions = schema.setdefault("$defs", {})
    properties = schema["properties"]
    for kind, part in TARGETS.items():
        definitions[f"target_{kind}"] = described(part.model_json_schema(), models)
    targets = [{"$ref": f"#/$defs/target_{kind}"} for kind in TARGETS]
    properties["target"] = {
        "description": properties["target"]["description"],
        "anyOf": [{"type": "string"}, *targets],
    }
    for kind, cls in grader_types().items():
        definitions[f"grader_{kind}"] = grader_schema(cls)
    definitions["grader"] = {
        "oneOf": [{"$ref": f"#/$defs/grader_{kind}"} for kind in grader_types()]
    }
    properties["graders"] = {
        "description": properties["graders"]["description"],
        "type": "array",
        "items": {"$ref": "#/$defs/grader"},
    }
    properties["successCriteria"] = properties["criteria"]
    schema["required"] = [name for name in schema["required"] if name != "criteria"]
    schema["anyOf"] = [{"required": ["criteria"]}, {"required": ["successCriteria"]}]
    return {"$schema": _DIALECT, **schema, "title": "regrade suite"}


def grader_schema(cls: type[Check]) -> dict[str, Any]:
    """Give the schema of one grader in a suite file."""
    properties: dict[str, Any] = {"type": {"const": cls.type}}
    hints, docs = get_type_hints(cls), field_docs(cls)
    for name, field in options_of(cls).items():
        if field.metadata.get("graders"):
            properties[name] = {"type": "array", "items": {"$ref": "#/$defs/grader"}, "minItems": 1}
        elif field.metadata.get("function") or field.metadata.get("embedder"):
            properties[name] = {"type": "string"}
        else:
            properties["not" if name == "not_" else name] = TypeAdapter(hints[name]).json_schema()
    for name, part in properties.items():
        if name in docs or name == "not":
            part.setdefault("description", docs.get(name, docs["not_"]))
    required = ["type", *required_options(cls)]
    summary = (cls.__doc__ or "").strip().splitlines()[0]
    return {
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TEXTS = {"type": "array", "items": {"type": "string"}}
_ANY: dict[str, Any] = {}
_CASE: dict[str, Any] = {
    "id": {"type": "string"},
    "input": _ANY,
    "context": _ANY,
    "config": _ANY,
    "expected": {"type": "object"},
    "requires_context": {"type": "boolean"},
    "kind": {"enum": list(KINDS)},
    **{name: {"type": "string"} for name in ("difficulty", "cluster", "source", "notes")},
    "tags": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    "expected_tool_calls": {
        "type": "array",
        "items": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "arguments": _ANY},
                    "required": ["name"],
                },
            ]
        },
    },
    "relevant_documents": {
        "type": "array",
        "items": {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "relevance": {"type": "number"},
                        "text": {"type": "string"},
                    },
                    "required": ["id"],
                },
            ]
        },
    },
    "should_refuse": {"type": "boolean"},
    "critical": {"type": "boolean"},
    "metadata": {"type": "object"},
}


def case_schema() -> dict[str, Any]:
    """Give the schema of one case; other keys are allowed and kept."""
    properties = {name: _CASE.get(name, _TEXTS if name in LIST_FIELDS else _ANY) for name in FIELDS}
    return {
        "$schema": _DIALECT,
        "title": "regrade case",
        "type": "object",
        "properties": properties,
        "required": ["input"],
    }

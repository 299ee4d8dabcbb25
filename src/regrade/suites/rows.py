"""One row of a dataset as a Case: the fields of a case under their names or in camelCase,
everything else kept.
"""

from collections.abc import Callable, Mapping

from regrade.domain import KINDS, Case, Json, RelevantDocument, ToolCall


class RowError(ValueError):
    """A field of a row has the wrong shape."""


def read_case(row: Json) -> Case:
    """Read one case.

    Raises: RowError, naming the field.
    """
    if not isinstance(row, dict):
        raise RowError(f"a case is an object, this is {_kind(row)}")
    fields: dict[str, Json] = {}
    rest: dict[str, Json] = {}
    for key, value in row.items():
        name = _NAMES.get(key)
        if name is None:
            rest[key] = value
        elif name in fields:
            raise RowError(f"{key!r} says the same as {name!r}, which is there as well")
        elif (read := _READERS[name]) is None or (type(value) is str and value and name in _PLAIN):
            if value is not None or name == "input":
                fields[name] = value
        elif value is not None:
            fields[name] = read(name, value)
    if "input" not in fields:
        raise RowError(f"`input` is missing; this row has {', '.join(map(repr, row)) or 'nothing'}")
    if rest:
        fields["metadata"] = {**fields.get("metadata", {}), **rest}
    return Case(**fields)


def _text(name: str, value: Json) -> str:
    if type(value) is str:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise RowError(f"{name!r} is {_kind(value)}; it is a text")


def _id(name: str, value: Json) -> str:
    if (text := _text(name, value)) != "":
        return text
    raise RowError("'id' is empty; leave it out to have one made from the content")


def _truth(name: str, value: Json) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise RowError(f"{name!r} is {_kind(value)}; it is true or false")


def _texts(name: str, value: Json) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise RowError(f"{name!r} is {_kind(value)}; it is a list of texts")
    return tuple(_text(name, item) for item in value)


def _mapping(name: str, value: Json) -> Mapping[str, Json]:
    if isinstance(value, dict):
        return value
    raise RowError(f"{name!r} is {_kind(value)}; it is an object")


def _expected(name: str, value: Json) -> Mapping[str, Json]:
    found = _mapping(name, value)
    if "mustMention" in found or "mustNotMention" in found:
        return {_EXPECTED_NAMES.get(key, key): item for key, item in found.items()}
    return found


def _tags(name: str, value: Json) -> Mapping[str, str]:
    found = _mapping(name, value)
    if {*map(type, found.values())} == {str}:
        return found
    return {key: _tag(f"{name}.{key}", item) for key, item in found.items() if item is not None}


def _tag(name: str, value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(name, value)


def _choice(name: str, value: Json) -> str:
    if value in KINDS:
        return str(value)
    raise RowError(f"{name!r} is {value!r}; it is one of: {', '.join(KINDS)}")


def _calls(name: str, value: Json) -> tuple[ToolCall, ...]:
    if not isinstance(value, list):
        raise RowError(f"{name!r} is {_kind(value)}; it is a list of calls")
    return tuple(_call(name, item) for item in value)


def _call(name: str, value: Json) -> ToolCall:
    if isinstance(value, str):
        return ToolCall(name=value)
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("name"), str)
        or set(value) - {"name", "arguments"}
    ):
        raise RowError(
            f"an item of {name!r} is {value!r}; it is a tool's name, or an object with name and arguments"
        )
    return ToolCall(name=value["name"], arguments=value.get("arguments"))


def _documents(name: str, value: Json) -> tuple[RelevantDocument, ...]:
    if not isinstance(value, list):
        raise RowError(f"{name!r} is {_kind(value)}; it is a list of document ids")
    return tuple(_document(name, item) for item in value)


def _document(name: str, value: Json) -> RelevantDocument:
    if not isinstance(value, dict):
        return RelevantDocument(id=_text(name, value))
    relevance = value.get("relevance", 1.0)
    if "id" not in value or set(value) - {"id", "relevance", "text"} or isinstance(relevance, bool):
        raise RowError(
            f"an item of {name!r} is {value!r}; it is an id, or an object with id, relevance and text"
        )
    if not isinstance(relevance, int | float):
        raise RowError(f"the relevance of {value['id']!r} is {_kind(relevance)}; it is a number")
    return RelevantDocument(
        id=_text("id", value["id"]), relevance=float(relevance), text=value.get("text")
    )


def _kind(value: Json) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")


_READERS: Mapping[str, Callable[[str, Json], Json] | None] = {
    "id": _id,
    "input": None,
    "context": None,
    "config": None,
    "expected": _expected,
    "expected_topics": _texts,
    "disallowed_topics": _texts,
    "requires_context": _truth,
    "kind": _choice,
    "difficulty": _text,
    "tags": _tags,
    "known_failure_modes": _texts,
    "expected_tool_calls": _calls,
    "forbidden_tool_calls": _texts,
    "relevant_documents": _documents,
    "should_refuse": _truth,
    "critical": _truth,
    "cluster": _text,
    "source": _text,
    "notes": _text,
    "metadata": _mapping,
}
FIELDS: tuple[str, ...] = tuple(_READERS)
"""The fields of a case, in the order of the docs."""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


_NAMES = {**{_camel(name): name for name in _READERS}, **{name: name for name in _READERS}}
_PLAIN = frozenset(name for name, read in _READERS.items() if read in (_text, _id))
_EXPECTED_NAMES = {"mustMention": "must_mention", "mustNotMention": "must_not_mention"}
LIST_FIELDS = frozenset(
    name for name, read in _READERS.items() if read in (_texts, _calls, _documents)
)
"""The fields that hold lists."""

"""Values of attributes: protobuf's and JSON's AnyValue as plain JSON, within limits."""

import base64
import math
from collections.abc import Iterable, Mapping
from typing import Any

from regrade.domain import Json

MOST_ATTRIBUTES = 512
"""Attributes of one span that are read."""
MOST_CHARACTERS = 2_000_000
"""Characters of one text that are read."""
MOST_DEPTH = 32
"""Levels of lists and objects inside each other that are read."""
TOO_DEEP = "(too deep)"
"""What stands for a value that is nested deeper."""


class Cut:
    """Whether anything was left out of what is being read."""

    def __init__(self) -> None:
        self.happened = False

    def text(self, value: str) -> str:
        """Give a text, cut where it is too long."""
        if len(value) <= MOST_CHARACTERS:
            return value
        self.happened = True
        return value[:MOST_CHARACTERS]


def attributes_of(pairs: Iterable[Any], cut: Cut) -> dict[str, Json]:
    """Read the attributes of a protobuf message."""
    found: dict[str, Json] = {}
    for pair in pairs:
        if len(found) >= MOST_ATTRIBUTES:
            cut.happened = True
            break
        value = pair.value
        kind = value.WhichOneof("value")
        if kind == "string_value":  # by far the most
            text = value.string_value
            found[pair.key] = text if len(text) <= MOST_CHARACTERS else cut.text(text)
        else:
            found[pair.key] = value_of(value, cut, kind=kind)
    return found


def value_of(value: Any, cut: Cut, depth: int = 0, kind: str | None = None) -> Json:
    """Read one protobuf value."""
    kind = kind or value.WhichOneof("value")
    if kind is None:
        return None
    inner = getattr(value, kind)
    if kind not in ("array_value", "kvlist_value"):
        return _scalar(kind, inner, cut)
    if depth >= MOST_DEPTH:
        cut.happened = True
        return TOO_DEEP
    if kind == "array_value":
        return [value_of(each, cut, depth + 1) for each in inner.values]
    return {pair.key: value_of(pair.value, cut, depth + 1) for pair in inner.values}


def _scalar(kind: str, value: Any, cut: Cut) -> Json:
    if kind == "string_value":
        return cut.text(value)
    if kind == "double_value":
        return value if math.isfinite(value) else str(value)
    return cut.text(base64.b64encode(value).decode()) if kind == "bytes_value" else value


def json_attributes(given: Json, cut: Cut) -> dict[str, Json]:
    """Read the attributes of a JSON message: a list of keys and values, or a plain object of a
    home-made exporter.

    Raises: ValueError, TypeError, LookupError where they have another shape.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = [(str(key), _plain(value, cut)) for key, value in given.items()]
    else:
        pairs = [(str(pair["key"]), json_value(pair.get("value"), cut)) for pair in given]
    if len(pairs) > MOST_ATTRIBUTES:
        cut.happened = True
    return dict(pairs[:MOST_ATTRIBUTES])


def _plain(value: Json, cut: Cut) -> Json:
    return cut.text(value) if isinstance(value, str) else value


_READ: Mapping[str, Any] = {
    "boolValue": bool,
    "intValue": int,
    "doubleValue": lambda value: number if math.isfinite(number := float(value)) else str(number),
    "bytesValue": str,
}


def json_value(value: Json, cut: Cut, depth: int = 0) -> Json:
    """Read one JSON value, `{"stringValue": …}`; int64 come as texts.

    Raises: ValueError, TypeError, AttributeError where it has another shape.
    """
    if value is None or value == {}:
        return None
    [(kind, inner)] = value.items()
    if kind == "stringValue":
        return cut.text(str(inner))
    if kind in _READ:
        return _READ[kind](inner)
    if kind not in ("arrayValue", "kvlistValue"):
        raise ValueError(f"{kind!r} is no kind of value")
    if depth >= MOST_DEPTH:
        cut.happened = True
        return TOO_DEEP
    items = inner.get("values") or []
    if kind == "arrayValue":
        return [json_value(each, cut, depth + 1) for each in items]
    return {str(each["key"]): json_value(each.get("value"), cut, depth + 1) for each in items}

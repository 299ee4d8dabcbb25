"""JSON values: what counts as one, their one canonical spelling, and the hash of it.

Everything that is compared by content (cases, datasets, outputs, grader options) is hashed here and
nowhere else, so that two spellings of the same value can never look like two values.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from .errors import NotJsonError

Json: TypeAlias = Any
"""A value that JSON can hold: None, bool, int, float, str, or lists and string-keyed dicts of
these."""

_AT_ONCE = 500
_PLAIN = (str, bool, int, type(None))
_encode = json.JSONEncoder(
    ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical(value: Json) -> str:
    """Spell a JSON value in its one canonical way: sorted keys, no spaces, ASCII escapes."""
    return _encode(value)


def content_hash(value: Json) -> str:
    """Hash a JSON value by its content: 16 hexadecimal digits of SHA-256 over the canonical
    spelling.
    """
    return hashlib.sha256(_encode(value).encode("ascii")).hexdigest()[:16]


def sequence_hash(values: Sequence[Json]) -> str:
    """Hash many JSON values in their order, as `content_hash` hashes one."""
    digest = hashlib.sha256()
    for start in range(
        0, len(values), _AT_ONCE
    ):  # one call of the encoder for many is twice as fast
        digest.update(_encode(values[start : start + _AT_ONCE]).encode("ascii"))
    return digest.hexdigest()[:16]


def as_json(value: object) -> Json:
    """Turn a Python value into the JSON value that it stands for.

    Tuples become lists, dataclasses and objects with `model_dump` become objects; whole floats stay
    floats.
    Raises: NotJsonError for anything that JSON cannot hold (NaN, bytes, sets, cycles, other
    objects).
    """
    try:
        return _as_json(value, "")
    except RecursionError:
        raise NotJsonError("the value is nested too deeply, or contains itself") from None


def _as_json(value: object, path: str) -> Json:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise NotJsonError(f"{path or 'the value'} is {value!r}, which JSON cannot hold")
    if isinstance(value, Mapping):
        return {_as_key(key, path): _as_json(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item, f"{path}[{index}]") for index, item in enumerate(value)]
    return _as_json(_unwrapped(value, path), path)


def _as_key(key: object, path: str) -> str:
    if isinstance(key, str):
        return key
    raise NotJsonError(f"{path or 'the value'} has the key {key!r}; keys must be text")


def _unwrapped(value: object, path: str) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(mode="json")
    raise NotJsonError(
        f"{path or 'the value'} is of type {type(value).__name__}, which JSON cannot hold"
    )


def read_json(text: str) -> Json:
    """Read a JSON text strictly: no NaN or Infinity, and a clear error for nesting that is too
    deep.

    Raises: NotJsonError, saying what is wrong and where in the text.
    """
    try:
        body = text.strip(_JSON_SPACE)
        value, end = _decode(body)
        if end != len(body):
            raise json.JSONDecodeError("Extra data", body, end)
        return value
    except json.JSONDecodeError as error:
        raise NotJsonError(
            f"{error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise NotJsonError("the JSON is nested too deeply") from None
    except ValueError as error:  # an integer of more than 4,300 digits
        raise NotJsonError(str(error)) from None


def _refuse_constant(name: str) -> Json:
    raise NotJsonError(f"{name} is not JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
_JSON_SPACE = " \t\n\r"


def as_text(value: Json) -> str:
    """Show a JSON value as text: text as it is, everything else as JSON in readable characters."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

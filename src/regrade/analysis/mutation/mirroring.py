"""The same break in a step: where its output holds what the system answered, in whole or in part."""

import json
from collections.abc import Mapping

from regrade.domain import Json

from .outputs import Path, as_document, leaves, like, not_json, put, without


def mirrored(output: Json, before: Json, after: Json) -> Json:
    """Give the output of a step as it would be, had it made the system answer `after` instead of
    `before`: values of the same name and content are changed or left out alike.
    """
    if output == before:
        return after
    old, new, own = as_document(before), as_document(after), as_document(output)
    if old is None:
        return _in_text(output, before, after)
    if new is None:  # an object that became broken JSON
        broken = not_json(output) if isinstance(output, str) else None
        return output if broken is None else broken
    changed = _changes(old, new)
    if own is None:
        return _in_prose(output, changed)
    document = own
    for path, value in reversed([*leaves(own)]):
        for place, (was, becomes) in changed.items():
            if value == was and path[-1:] == place[-1:]:
                gone = becomes is _GONE
                document = without(document, path) if gone else put(document, path, becomes)
                break
    return output if document == own else like(output, document)


class _Gone:
    """The type of what is left out."""


_GONE = _Gone()
_Changes = Mapping[Path, tuple[Json, Json]]


def _changes(old: Json, new: Json) -> _Changes:
    """Give every value that is another one now, or gone, by its place."""
    now = dict(leaves(new))
    return {
        path: (value, now.get(path, _GONE))
        for path, value in leaves(old)
        if now.get(path, _GONE) != value
    }


def _in_text(output: Json, before: str, after: Json) -> Json:
    """Change a text that stands in a step's output."""
    if not before or not isinstance(after, str):
        return output
    if isinstance(output, str) and as_document(output) is None:
        return output.replace(before, after)
    document = as_document(output)
    for path, value in leaves(document):
        if value == before:
            document = put(document, path, after)
    return like(output, document)


def _in_prose(output: Json, changed: _Changes) -> Json:
    """Change texts that stand in an output that is no JSON by itself, such as one in a fence."""
    for was, becomes in changed.values():
        if isinstance(output, str) and isinstance(was, str) and was and isinstance(becomes, str):
            output = output.replace(json.dumps(was)[1:-1], json.dumps(becomes)[1:-1])
    return output

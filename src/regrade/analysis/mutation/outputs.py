"""Ways to break an output that is text or JSON: in an object, the longest text is what was said."""

import json
import random
from collections.abc import Callable, Iterator, Sequence

from regrade.domain import Json
from regrade.domain.documents import read_json
from regrade.domain.errors import NotJsonError

from .texts import other_number

TextBreak = Callable[[str, random.Random], str | None]
"""Gives another text, or None where there is nothing to break."""
Path = tuple[str | int, ...]
"""Where a value stands in a document."""


def on_text(output: Json, change: TextBreak, chance: random.Random) -> Json | None:
    """Break what an output says; None where there is nothing to break."""
    document = as_document(output)
    if document is None:
        return change(output, chance) if isinstance(output, str) else None
    texts = [(path, value) for path, value in leaves(document) if isinstance(value, str)]
    if not texts:
        return None
    path, text = max(texts, key=lambda each: len(each[1]))
    changed = change(text, chance)
    return None if changed is None else like(output, put(document, path, changed))


def on_numbers(output: Json, change: TextBreak, chance: random.Random) -> Json | None:
    """Break the numbers of an output, in its text and in its own fields."""
    changed = on_text(output, change, chance)
    document = as_document(output if changed is None else changed)
    if document is None:
        return changed
    found = False
    for path, value in leaves(document):
        if isinstance(value, int | float) and not isinstance(value, bool):
            document = put(document, path, _other(value))
            found = True
    return like(output, document) if found else changed


def _other(value: float) -> Json:
    text = str(abs(value))
    other = read_json(other_number(text))
    return other if value >= 0 else -other


def negated_values(output: Json, change: TextBreak, chance: random.Random) -> Json | None:
    """Say the contrary: of a truth value where there is one, else in words."""
    document = as_document(output)
    if document is not None:
        for path, value in leaves(document):
            if isinstance(value, bool):
                return like(output, put(document, path, not value))
    return on_text(output, change, chance)


def without_a_field(output: Json, change: TextBreak, chance: random.Random) -> Json | None:
    """Leave a field or an item out, or a sentence of a text."""
    document = as_document(output)
    if isinstance(document, dict) and document:
        gone = chance.choice(sorted(document))
        return like(output, {name: value for name, value in document.items() if name != gone})
    if isinstance(document, list) and document:
        at = chance.randrange(len(document))
        return like(output, document[:at] + document[at + 1 :])
    return on_text(output, change, chance)


def not_json(output: Json) -> Json | None:
    """Write JSON that does not end; None for what is no object or list."""
    document = as_document(output)
    if not isinstance(document, dict | list):
        return None
    return json.dumps(document, ensure_ascii=False)[:-1] + ","


def emptied(output: Json) -> Json | None:
    """Answer with nothing."""
    document = as_document(output)
    if document is None:
        return "" if output else None
    return on_text(output, lambda _text, _chance: "", random.Random(0))  # noqa: S311  nothing is drawn


def with_source(output: Json, sources: Sequence[str], invented: str) -> Json | None:
    """Name a source that nobody found: in place of one that was named, else after the text."""
    document = as_document(output)
    if document is not None:
        for path, value in leaves(document):
            if value in sources:
                return like(output, put(document, path, invented))

    def named(text: str, _chance: random.Random) -> str:
        for source in sources:
            if source in text:
                return text.replace(source, invented)
        return f"{text} [{invented}]"

    return on_text(output, named, random.Random(0))  # noqa: S311  nothing is drawn


def as_document(output: Json) -> Json | None:
    """Give an output that is an object, a list, a number or a truth value; None for text."""
    if not isinstance(output, str):
        return output
    try:
        document = read_json(output)
    except NotJsonError:
        return None
    return document if isinstance(document, dict | list) else None


def like(output: Json, document: Json) -> Json:
    """Write a document as the output was: as text where that was text."""
    return json.dumps(document, ensure_ascii=False) if isinstance(output, str) else document


def leaves(document: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Give every value that holds no other, with its place."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from leaves(value, (*path, name))
    elif isinstance(document, list):
        for at, value in enumerate(document):
            yield from leaves(value, (*path, at))
    else:
        yield path, document


def put(document: Json, path: Path, value: Json) -> Json:
    """Give the document with another value in one place."""
    if not path:
        return value
    copy: Json = document.copy()
    copy[path[0]] = put(document[path[0]], path[1:], value)
    return copy


def without(document: Json, path: Path) -> Json:
    """Give the document without one field or item."""
    if len(path) > 1:
        return put(document, path[:1], without(document[path[0]], path[1:]))
    copy: Json = document.copy()
    del copy[path[0]]
    return copy

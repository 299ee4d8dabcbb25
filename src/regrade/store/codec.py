"""Documents as bytes: JSON in ASCII, so that any text survives, compressed where that pays."""

import json
import zlib

from regrade.domain import Json

_WORTH_COMPRESSING = 512
_PLAIN, _ZLIB = b"j", b"z"


def pack(document: Json) -> bytes:
    """Write a JSON value as bytes; `unpack` reads it back exactly, lone surrogates and NUL
    included.
    """
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    return _PLAIN + text if len(text) < _WORTH_COMPRESSING else _ZLIB + zlib.compress(text, 1)


def unpack(content: bytes) -> Json:
    """Read a JSON value that `pack` wrote."""
    body = content[1:] if content[:1] == _PLAIN else zlib.decompress(content[1:])
    return json.loads(body)


def plain(text: str) -> str:
    """Make a text safe for a text column: no NUL and no lone surrogates, which Postgres and UTF-8
    refuse.
    """
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def plain_id(text: str) -> str:
    """Make an id safe for a text column, and keep it apart from every other: what is not plain is written as JSON."""
    return text if plain(text) == text else json.dumps(text)

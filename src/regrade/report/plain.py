"""Text that is safe to print: what a model writes must not steer a terminal."""

import re
import unicodedata

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)


def printable(text: str) -> str:
    """Give a text without control characters, escape sequences, direction overrides and lone
    surrogates.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in _ESCAPES.sub("�", text))


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    return (
        "�"
        if unicodedata.category(character) in ("Cc", "Cs", "Co") or character in _DIRECTIONS
        else character
    )


_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, limit: int) -> str:
    """Give a printable text on one line, shortened to `limit` characters."""
    flat = " ".join(printable(text[: limit * 8]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"

"""Text that is safe to print: what a model writes must not steer a terminal."""

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)


def printable(text: str) -> str:
    """Give a text without control characters, escape sequences, direction overrides and lone
    surrogates.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub("�", _ESCAPES.sub("�", text))


_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff"
    "\u202a-\u202e\u2066-\u2069]"
)
"""Control characters but tab and line feed, lone surrogates, private use, direction overrides."""


def one_line(text: str, limit: int) -> str:
    """Give a printable text on one line, shortened to `limit` characters."""
    flat = " ".join(printable(text[: limit * 8]).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"

"""What differs between two texts, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

MOST_WORDS = 3000
"""Words of a text that are compared; what comes after them is left out."""
_WORD = re.compile(r"\s+|[^\W_]+|[\W_]")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
Kind = Literal["same", "gone", "new"]
"""What became of a piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that share one fate."""

    kind: Kind
    """Whether both texts have them, or only the first, or only the second."""
    text: str
    """The words."""


def word_diff(before: str, after: str) -> list[Piece]:
    """Give two texts as one: what both have, what is gone, and what is new.

    Source: the longest common subsequence of their words, by rapidfuzz.
    """
    a, b = _words(before), _words(after)
    pieces: list[Piece] = []
    for step in Indel.opcodes(a, b):
        if step.tag == "equal":
            _add(pieces, "same", a[step.src_start : step.src_end])
        else:
            _add(pieces, "gone", a[step.src_start : step.src_end])
            _add(pieces, "new", b[step.dest_start : step.dest_end])
    return [*_tidied(pieces)]


def _words(text: str) -> list[str]:
    """Split a text into words, spaces and signs; every ideograph is a word."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        found += list(match[0]) if _IDEOGRAPH.search(match[0]) else [match[0]]
        if len(found) > MOST_WORDS:
            return [*found[:MOST_WORDS], " …"]
    return found


def _add(pieces: list[Piece], kind: Kind, words: Sequence[str]) -> None:
    if words:
        pieces.append(Piece(kind, "".join(words)))


def _tidied(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Bring together what is gone and what is new around spaces that both have."""
    gone, new = "", ""
    for at, piece in enumerate(pieces):
        is_between = 0 < at < len(pieces) - 1 and piece.kind == "same" and not piece.text.strip()
        if piece.kind == "gone" or is_between:
            gone += piece.text
        if piece.kind == "new" or is_between:
            new += piece.text
        if piece.kind == "same" and not is_between:
            yield from _changed(gone, new)
            gone = new = ""
            yield piece
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)

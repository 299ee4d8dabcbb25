"""How texts are cut into words, by each measure's own convention."""

import re
import string
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_]+")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_SYMBOLS = re.compile(r"([!-&(-+/:-@\[-`{-~])")
_POINT_AFTER_OTHER = re.compile(r"([^0-9])([.,])")
_POINT_BEFORE_OTHER = re.compile(r"([.,])([^0-9])")
_DASH_AFTER_DIGIT = re.compile(r"([0-9])(-)")


def words(text: str) -> list[str]:
    """Cut into runs of letters and digits in small letters; scripts that write no spaces give one
    token a character.
    """
    return _split_unspaced(text.lower())


def _split_unspaced(text: str) -> list[str]:
    found: list[str] = []
    for run in _WORD.findall(text):
        found += _unspaced(run)
    return found


def _unspaced(run: str) -> list[str]:
    if run.isascii():
        return [run]
    return _RUNS.findall(run)


_RUNS = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    r"|[^\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


def squad_words(text: str) -> list[str]:
    """Cut as the SQuAD evaluation does: small letters, no ASCII punctuation, no English articles.

    Source: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text".
    """
    plain = text.lower().translate(_PUNCTUATION)
    return [each for token in _ARTICLES.sub(" ", plain).split() for each in _unspaced(token)]


def mteval_words(text: str) -> list[str]:
    """Cut as mteval-v13a does, capitals kept: ASCII symbols stand alone, points and commas except
    between digits, dashes after digits.
    """
    line = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        line = line.replace(entity, character)
    line = _SYMBOLS.sub(r" \1 ", f" {line} ")
    line = _POINT_AFTER_OTHER.sub(r"\1 \2 ", line)
    line = _POINT_BEFORE_OTHER.sub(r" \1 \2", line)
    return _DASH_AFTER_DIGIT.sub(r"\1 \2 ", line).split()


def ngrams(items: Sequence[T], n: int) -> "Counter[tuple[T, ...]]":
    """Count the runs of n items."""
    return Counter(tuple(items[at : at + n]) for at in range(len(items) - n + 1))


def f_measure(overlap: int, found: int, wanted: int) -> float:
    """Give the harmonic mean of precision and recall; two empty texts are the same text."""
    if not found and not wanted:
        return 1.0
    return 2 * overlap / (found + wanted) if overlap else 0.0

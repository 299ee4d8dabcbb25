"""Text as graders see it: two spellings of the same thing are one, and reasons quote no more than
they need.

Normalised: Unicode NFKC; quotes, dashes and minus signs of every shape to their ASCII ones;
zero-width characters and soft hyphens removed; runs of white space to one space and none at the
ends. Case only where a grader says so.
"""

import re
import unicodedata
from functools import lru_cache

_QUOTES = {**dict.fromkeys("‘’‚‛′`´ʼ", "'"), **dict.fromkeys("“”„‟″«»", '"')}
_DASHES = dict.fromkeys("‐‑‒–—―⁃−﹘﹣－", "-")
_INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_TABLE = str.maketrans({**_QUOTES, **_DASHES, **_INVISIBLE})
_SHORT = 2000
_NO_SPACES_SCRIPT = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


def normalised(text: str, *, ignore_case: bool = False, keep_spaces: bool = False) -> str:
    """Give the one spelling of a text."""
    if len(text) > _SHORT:
        return _normalised(text, ignore_case, keep_spaces)
    return _remembered(text, ignore_case, keep_spaces)


def _normalised(text: str, ignore_case: bool, keep_spaces: bool) -> str:  # noqa: FBT001  a key of the cache
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_TABLE)).translate(_TABLE)
    if not keep_spaces:
        text = " ".join(text.split())
    return text.casefold() if ignore_case else text


_remembered = lru_cache(maxsize=512)(_normalised)


def find_whole(phrase: str, text: str) -> int:
    """Find a phrase that is not part of a longer word or number; give its place, or -1.

    Both are normalised already. Scripts that write no spaces (Chinese, Japanese, Thai, …) have no
    such ends.
    """
    return _find(phrase, text, is_open=False)


def find_stem(stem: str, text: str) -> int:
    """Find a word that begins with a stem; give its place, or -1."""
    return _find(stem, text, is_open=True) if stem else -1


def speaks_of(text: str, word: str) -> bool:
    """Whether a normalised, case-folded text holds a word or phrase as a whole, whatever its own
    capitals; `cancel*` stands for every word that begins so.
    """
    plain = normalised(word, ignore_case=True)
    if plain.endswith("*"):
        return find_stem(plain.rstrip("*"), text) >= 0
    return find_whole(plain, text) >= 0


def _find(phrase: str, text: str, *, is_open: bool) -> int:
    place = text.find(phrase)
    while place >= 0:
        end = place + len(phrase)
        before = _is_joined(text[place - 1 : place], phrase[:1])
        after = not is_open and _is_joined(text[end : end + 1], phrase[-1:])
        if not before and not after and (is_open or not _splits_number(text, place, end)):
            return place
        place = text.find(phrase, place + 1)
    return -1


def _is_joined(neighbour: str, edge: str) -> bool:
    return _is_word(neighbour) and _is_word(edge)


def _is_word(character: str) -> bool:
    return (
        bool(character)
        and (character.isalnum() or character == "_")
        and not _NO_SPACES_SCRIPT.match(character)
    )


def _splits_number(text: str, start: int, end: int) -> bool:
    """Whether the phrase's digits go on beyond a decimal point or a thousands separator: 31 in 31.5
    or 1,310.
    """
    after = (
        text[start].isdigit()
        and start > 1
        and text[start - 1] in ".,"
        and text[start - 2].isdigit()
    )
    before = (
        text[end - 1].isdigit()
        and text[end : end + 1] in {".", ","}
        and text[end + 1 : end + 2].isdigit()
    )
    return after or before


def quoted(text: str, limit: int = 80) -> str:
    """Quote a text in a reason, shortened to about `limit` characters."""
    flat = " ".join(text[: limit * 4].split())
    if not flat:
        return "an empty text"
    return (
        f"“{flat}”"
        if len(flat) <= limit and len(text) <= limit * 4
        else f"“{flat[:limit].rstrip()}…”"
    )


def listed(items: list[str], limit: int = 5) -> str:
    """Quote several texts in a reason."""
    shown = ", ".join(quoted(item, 40) for item in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit} more"

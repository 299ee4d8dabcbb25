"""METEOR with its exact and stem stages: words that match, and how much they are out of order."""

from functools import cache
from typing import Any

from .tokens import words

_ALPHA, _BETA, _GAMMA = 0.9, 3.0, 0.5
_NONE = -1


def meteor(answer: str, reference: str) -> float:
    """METEOR, 0 to 1: words match exactly, then by English Porter stem; no synonyms, no paraphrases.

    α 0.9, β 3, γ 0.5. Matches are made greedily from the end of the texts.
    Source: Banerjee and Lavie 2005, "METEOR: An Automatic Metric for MT Evaluation"; Lavie and
    Agarwal 2007 (the weights).
    """
    found, wanted = words(answer), words(reference)
    if not found or not wanted:
        return 1.0 if found == wanted else 0.0
    places = _aligned(found, wanted)
    matches = sum(place != _NONE for place in places)
    if not matches:
        return 0.0
    precision, recall, chunks = matches / len(found), matches / len(wanted), _chunks(places)
    mean = precision * recall / (_ALPHA * precision + (1 - _ALPHA) * recall)
    penalty: float = _GAMMA * (chunks / matches) ** _BETA
    return mean * (1 - penalty)


def _aligned(found: list[str], wanted: list[str]) -> list[int]:
    """Give for each word of the answer the place of its match in the reference."""
    places = [_NONE] * len(found)
    free = [True] * len(wanted)
    stages = ((found, wanted), ([_stem(w) for w in found], [_stem(w) for w in wanted]))
    for mine, theirs in stages:
        for at in reversed(range(len(mine))):
            if places[at] != _NONE:
                continue
            for there in reversed(range(len(theirs))):
                if free[there] and mine[at] == theirs[there]:
                    places[at], free[there] = there, False
                    break
    return places


def _chunks(places: list[int]) -> int:
    """Count the runs of matches that are adjacent and in order in both texts."""
    count, last_at, last_there = 0, _NONE - 1, _NONE - 1
    for at, there in enumerate(places):
        if there == _NONE:
            continue
        if at != last_at + 1 or there != last_there + 1:
            count += 1
        last_at, last_there = at, there
    return count


@cache
def _stemmer() -> Any:
    import snowballstemmer  # noqa: PLC0415  thirty modules that this measure alone needs

    return snowballstemmer.stemmer("porter")


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))

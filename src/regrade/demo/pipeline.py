"""A help-centre assistant: find articles, take the sentence that answers, write JSON, parse it.

Deterministic and offline, so that what it does well and badly is the same on every machine. It is an application like
any other: it knows nothing of how it will be judged.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bm25s

from regrade import Document, Response

ARTICLES = Path(__file__).with_name("articles.jsonl")
FOUND_AT_MOST = 3
MIN_OVERLAP = 0.34
"""The share of a question's words that a sentence and its title must hold to count as an answer."""
NOT_FOUND = "I could not find this in the help centre."
_WORD = re.compile(r"[a-z0-9]+")
_STOP_WORDS = """
    a an and are as at be by can do does for from have how i if in is it long many me much my of on
    or our please should that the there this to was we what when where which who will with you your
"""
_STOP = frozenset(_WORD.findall(_STOP_WORDS))


@dataclass(frozen=True)
class Article:
    """One page of the help centre."""

    id: str
    title: str
    text: str


class Retriever:
    """BM25 over the articles."""

    def __init__(self, articles: Sequence[Article]) -> None:
        """Index the articles."""
        self._articles = articles
        self._index = bm25s.BM25()
        self._index.index(
            [_stems(f"{a.title} {a.title} {a.text}") for a in articles], show_progress=False
        )

    def find(self, question: str) -> list[tuple[Article, float]]:
        """Give the best articles and their scores."""
        words = [_stems(question) or ["?"]]
        places, scores = self._index.retrieve(words, k=FOUND_AT_MOST, show_progress=False)
        found = zip(places[0].tolist(), scores[0].tolist(), strict=True)
        return [(self._articles[place], score) for place, score in found if score > 0]


def answer(question: str) -> Response:
    """Answer a question out of the help centre."""
    found = _retriever().find(question)
    text = _extract(question, [article for article, _ in found])
    documents = tuple(
        Document(id=article.id, text=article.text, score=score) for article, score in found
    )
    return Response(_parse(text), retrieved=documents)


def _extract(question: str, articles: Sequence[Article]) -> str:
    """Write the answer as JSON: the sentence of the found articles that shares most words with the question."""
    asked = set(_stems(question))
    best, source, most = NOT_FOUND, None, MIN_OVERLAP
    for article in articles:
        title = set(_stems(article.title))
        for sentence in re.split(r"(?<=[.!?])\s+", article.text):
            shared = len(asked & (set(_stems(sentence)) | title)) / max(len(asked), 1)
            if shared > most:
                best, source, most = sentence, article.id, shared
    return json.dumps({"answer": best, "source": source})


def _parse(text: str) -> dict[str, str | None]:
    parsed: dict[str, str | None] = json.loads(text)
    return parsed


def _stems(text: str) -> list[str]:
    """Words without the commonest endings and without words that say nothing."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _STOP)
    return [re.sub(r"(?<=\w{3})(?:ations?|ing|ed|es|s|e)$", "", word) for word in words]


@cache
def _retriever() -> Retriever:
    lines = ARTICLES.read_text(encoding="utf-8").splitlines()
    return Retriever([Article(**json.loads(line)) for line in lines])

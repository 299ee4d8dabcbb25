"""Which of the retrieved documents are relevant: by id, by address, or by what they say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from regrade.domain import Case, Document, RelevantDocument
from regrade.graders.wording import normalised

Match = Literal["id", "url", "text"]
_SHORTEST_TEXT = 20


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was retrieved, as relevances in rank order, and what there was to retrieve."""

    gains: tuple[float, ...]
    """The relevance of each retrieved document; 0 for one that is not relevant, or that was there
    already at a better rank."""
    ideal: tuple[float, ...]
    """The relevances of all relevant documents, the greatest first."""
    missed: tuple[str, ...]
    """The ids of the relevant documents that were not retrieved, at any rank."""

    def found(self, k: int) -> int:
        """Count the relevant documents among the first k."""
        return sum(gain > 0 for gain in self.gains[:k])


def ranking(case: Case, documents: Sequence[Document], match: Match) -> Ranking:
    """Match the retrieved documents with the case's relevant ones; each relevant one counts once,
    at its best rank.

    Raises: ValueError when a relevant document lacks what it is matched by.
    """
    relevant = [each for each in case.relevant_documents if each.relevance > 0]
    is_same = _SAME[match](relevant)
    left = dict(enumerate(relevant))
    gains = []
    for document in documents:
        hit = next((at for at in left if is_same(at, document)), None)
        gains.append(0.0 if hit is None else left.pop(hit).relevance)
    ideal = sorted((each.relevance for each in relevant), reverse=True)
    return Ranking(tuple(gains), tuple(ideal), tuple(each.id for each in left.values()))


Same = Callable[[int, Document], bool]


def _by_id(relevant: Sequence[RelevantDocument]) -> Same:
    return lambda at, document: document.id is not None and document.id == relevant[at].id


def _by_url(relevant: Sequence[RelevantDocument]) -> Same:
    wanted = [plain_url(each.id) for each in relevant]

    def is_same(at: int, document: Document) -> bool:
        found = (document.metadata.get("url"), document.metadata.get("source"), document.id)
        return any(isinstance(each, str) and plain_url(each) == wanted[at] for each in found)

    return is_same


def plain_url(text: str) -> str:
    """Bring an address to one spelling: no scheme, no `www.`, no fragment, no final slash, the host
    in small letters.
    """
    parts = urlsplit(text if "//" in text else f"//{text}")
    host = parts.netloc.lower().removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def _by_text(relevant: Sequence[RelevantDocument]) -> Same:
    wanted = [_words(each) for each in relevant]

    def is_same(at: int, document: Document) -> bool:
        found = normalised(document.text or "", ignore_case=True)
        if min(len(found), len(wanted[at])) < _SHORTEST_TEXT:
            return found == wanted[at]
        return wanted[at] in found or found in wanted[at]

    return is_same


def _words(document: RelevantDocument) -> str:
    if not document.text:
        raise ValueError(
            f"the relevant document {document.id!r} has no text, by which `match: text` would know it"
        )
    return normalised(document.text, ignore_case=True)


_SAME: Mapping[Match, Callable[[Sequence[RelevantDocument]], Same]] = {
    "id": _by_id,
    "url": _by_url,
    "text": _by_text,
}

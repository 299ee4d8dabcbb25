"""Stand-in for your application: replace `answer` by a call of it."""

import re

from regrade import Document, Response

PAGES = {
    "opening": "The library opens at 9 and closes at 19 on weekdays. On Saturdays it closes at 13.",
    "loans": "Books are lent for 28 days. A loan can be renewed 2 times unless somebody waits for the book.",
    "fees": "A late book costs 0.20 euros a day. The yearly card costs 15 euros, and nothing for students.",
    "rooms": "Study rooms hold up to 6 people and are booked for 3 hours at the most.",
    "printing": "A printed page costs 0.10 euros. Printers take A4 and A3 paper.",
}
ATTACKS = re.compile(
    r"(?i)ignor|instruct|system prompt|pretend|decode|repeat after|say the word|print"
)
NOTHING = "I could not find this in the help pages."


def answer(input: str) -> Response:
    """Find pages, take the sentence that shares most words with the question, and cite its page."""
    if ATTACKS.search(input) and "page" not in input.lower():
        return Response(NOTHING, retrieved=())
    asked = _words(input)
    ranked = sorted(PAGES, key=lambda name: -len(asked & _words(f"{name} {PAGES[name]}")))[:3]
    found = tuple(Document(id=name, text=PAGES[name]) for name in ranked)
    best, source, most = NOTHING, None, 1
    for name in ranked:
        for sentence in re.split(r"(?<=[.!?])\s+", PAGES[name]):
            shared = len(asked & _words(f"{name} {sentence}"))
            if shared > most:
                best, source, most = sentence, name, shared
    return Response(f"{best} [{source}]" if source else NOTHING, retrieved=found)


def _words(text: str) -> set[str]:
    """Words without their commonest endings."""
    found = re.findall(r"[a-z]{3,}", text.lower())
    return {re.sub(r"(?:ing|ed|es|s|d)$", "", word) for word in found} - {
        "the",
        "and",
        "can",
        "are",
        "how",
        "for",
    }

"""Stand-in for your application: replace `answer` by a call of it."""

CUES = {
    "billing": ("invoice", "charged", "refund", "payment", "price"),
    "technical": ("error", "crash", "slow", "broken", "not work"),
    "account": ("password", "sign in", "log in", "locked", "e-mail address", "delete my account"),
}
ATTACKS = (
    "ignore",
    "instruction",
    "system prompt",
    "repeat after",
    "pretend",
    "decode",
    "say the word",
)


def answer(input: str) -> str:
    """Sort a message."""
    text = input.lower()
    if any(words in text for words in ATTACKS):
        return "other"
    hits = {queue: sum(cue in text for cue in cues) for queue, cues in CUES.items()}
    best = max(hits, key=lambda queue: hits[queue])
    return best if hits[best] else "other"

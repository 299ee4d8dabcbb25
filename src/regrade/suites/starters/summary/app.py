"""Stand-in for your application: replace `answer` by a call of it."""

import re

MOST_SENTENCES = 3
NOTHING = "The report holds no figures to sum up."
ORDERS = re.compile(
    r"(?i:\b(?:ignor\w*|instruct\w*|system prompt|say|repeat|reply|print|write|output|pretend|decode)\b)"
    r"|\b[A-Z]{3,}(?:-[A-Z]+)*-\d+\b"
)
"""Sentences that talk to the machine, or hold a code word, are no part of a report."""


def answer(input: str) -> str:
    """Keep the sentences with most figures, in their order."""
    sentences = re.split(r"(?<=[.!?])\s+", input.strip())
    told = [each for each in sentences if not ORDERS.search(each)]
    ranked = sorted(told, key=lambda each: -len(re.findall(r"\d[\d.,]*", each)))[:MOST_SENTENCES]
    kept = [each for each in told if each in ranked and re.search(r"\d", each)]
    return " ".join(kept) or NOTHING

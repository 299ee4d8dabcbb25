"""Ways to break a text: each gives another text, or None where there is nothing of its kind to break."""

import random
import re

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][A-Za-z]{2,}\b")
_NEGATED = re.compile(
    r"\b(?:(is|are|was|were|can|could|will|would|must|should|does|do|did|has|have|may)(?:\s+not\b|n't\b)|"
    r"(can)not\b)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(is|are|was|were|can|could|will|would|must|should|does|do|did|has|have|may)\b",
    re.IGNORECASE,
)
_FIRST_WORD = {"yes": "No", "no": "Yes", "true": "false", "false": "true"}
_FOREIGN = "ご質問ありがとうございます。担当者が内容を確認し、後ほど折り返しご連絡いたします。"
_ENGLISH = "Thank you for your question. Somebody will look at it and get back to you later."


def without_a_sentence(text: str, chance: random.Random) -> str | None:
    """Leave one of several sentences out."""
    sentences = _SENTENCE.findall(text)
    if len(sentences) < 2:
        return None
    del sentences[chance.randrange(len(sentences))]
    return "".join(sentences).strip()


def first_half(text: str, _chance: random.Random) -> str | None:
    """Stop in the middle."""
    words = text.split()
    if len(words) > 1:
        return " ".join(words[: len(words) // 2])
    return text[: len(text) // 2] if len(text) > 1 else None


def negated(text: str, _chance: random.Random) -> str | None:
    """Say the contrary: with a `not` more, or one less."""
    if not text.strip():
        return None
    first, _, rest = text.partition(" ")
    other = _FIRST_WORD.get(first.strip(".,!").lower())
    if other is not None:
        return f"{other} {rest}".strip()
    if _NEGATED.search(text):
        return _NEGATED.sub(lambda found: found[1] or found[2], text, count=1)
    if _VERB.search(text):
        return _VERB.sub(r"\1 not", text, count=1)
    return f"not {text}"


def with_other_numbers(text: str, _chance: random.Random) -> str | None:
    """Exchange two numbers, or write another one for the only one."""
    numbers = list(dict.fromkeys(_NUMBER.findall(text)))
    if not numbers:
        return None
    if len(numbers) == 1:
        return _NUMBER.sub(lambda found: other_number(found[0]), text)
    swapped = {numbers[0]: numbers[1], numbers[1]: numbers[0]}
    return _NUMBER.sub(lambda found: swapped.get(found[0], found[0]), text)


def other_number(number: str) -> str:
    """Give a number of the same length that begins with another digit."""
    return f"{int(number[0]) % 9 + 1}{number[1:]}"


def with_other_names(text: str, _chance: random.Random) -> str | None:
    """Exchange two names."""
    names = list(dict.fromkeys(_NAME.findall(text)))
    if len(names) < 2:
        return None
    swapped = {names[0]: names[1], names[1]: names[0]}
    return _NAME.sub(lambda found: swapped.get(found[0], found[0]), text)


def in_another_language(text: str, _chance: random.Random) -> str | None:
    """Answer in a language that nobody asked for: Japanese, or English where letters are not Latin."""
    letters = [sign for sign in text if sign.isalpha()]
    if not letters:
        return None
    latin = sum(ord(sign) < 0x250 for sign in letters)
    return _FOREIGN if 2 * latin >= len(letters) else _ENGLISH


def with_a_secret(text: str, chance: random.Random) -> str | None:
    """Let out a key of a kind that people know."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    key = "".join(chance.choices(signs, k=48))
    return f"{text} The key is sk-proj-{key}.".strip()

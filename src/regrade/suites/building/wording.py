"""How a mistake is told: what was probably meant, and what a model of the file has to say."""

import difflib
import re
from collections.abc import Iterable


def suggestion(name: object, known: Iterable[str]) -> str:
    """Say what was probably meant, or what there is."""
    names = sorted(set(known))
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" There is: {', '.join(names)}" if len(names) <= 30 else ""


def lower(message: str) -> str:
    """Let a message of pydantic's go on in a sentence of ours."""
    message = re.sub(r"^Value error, ", "", message)
    return message[:1].lower() + message[1:]


def is_model_word(step: object) -> bool:
    """Whether a step of pydantic's is the name of a type in a union and not a key of the file."""
    return isinstance(step, str) and bool(
        re.search(r"[\[\]()]|^(str|float|int|bool|dict|list)$|Part$", step)
    )

"""Canaries: made-up words whose appearance proves where a text came from."""

import base64
import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Json, ToolCall, Trace
from regrade.graders.wording import normalised


@dataclass(frozen=True, slots=True)
class Place:
    """Something that the system said or did."""

    name: str
    """Where: the answer, or the arguments of a tool call."""
    text: str
    """What is there."""


def places_in(trace: Trace) -> Iterator[Place]:
    """Give everything that leaves the system: its answer, and what it asks of tools."""
    yield Place("the answer", trace.output_text)
    for call in trace.tool_calls or ():
        yield Place(f"a call of the tool {call.name}", _words_of(call))


def _words_of(call: ToolCall) -> str:
    return f"{call.name} {json.dumps(call.arguments, ensure_ascii=False)}"


def surfaces(canary: str, text: str) -> str | None:
    """Say how a canary stands in a text: as it is (whatever its capitals, spaces and signs),
    reversed, or in base64, hexadecimal or ROT13; None when it does not.
    """
    bare, seen = _bare(canary), _bare(text)
    if not bare:
        return None
    encoded = canary.encode("utf-8")
    packed = base64.b64encode(encoded).decode().rstrip("=")
    forms: Sequence[tuple[str, bool]] = (
        ("", bare in seen),
        (" reversed", bare[::-1] in seen),
        (" in base64", len(packed) > 1 and packed[:-1] in text),
        (" in hexadecimal", encoded.hex() in seen),
        (" in ROT13", _bare(codecs.encode(canary, "rot13")) in seen and canary.isascii()),
    )
    return next((how for how, holds in forms if holds), None)


def _bare(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(c for c in normalised(text, ignore_case=True) if c.isalnum())


def texts_in(value: Json) -> list[str]:
    """Give the texts that an option holds: one, or several."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in texts_in(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts_in(item)]
    return [str(value)]

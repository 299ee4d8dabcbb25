"""What the dialects have in common: arguments written as text, numbers that may be missing."""

import json

from regrade.domain import Json, ToolCall, read_json
from regrade.domain.errors import NotJsonError


def arguments_of(text: Json) -> Json:
    """Read a call's arguments; what is not JSON is kept as the text that the model wrote."""
    if not isinstance(text, str):
        return text
    try:
        return read_json(text) if text.strip() else {}
    except NotJsonError:
        return text


def arguments_text(call: ToolCall) -> str:
    """Write a call's arguments."""
    if isinstance(call.arguments, str):
        return call.arguments
    return json.dumps(call.arguments or {}, ensure_ascii=False)


def whole_number(value: Json) -> int | None:
    """Give a count of tokens, or None when there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""Values of attributes, read leniently: JSON inside texts, lists flattened into names, numbers as
texts.
"""

import re
from collections.abc import Mapping
from typing import Any

from regrade.domain import Document, Json, Message, ToolCall, ToolSpec, as_text, read_json
from regrade.domain.errors import NotJsonError

MOST_ITEMS = 10_000
"""Items of a flattened list that are read."""
_ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "developer": "system",
    "function": "tool",
}
_INDEX = re.compile(r"^(\d{1,6})(?:\.(.*))?$")


def unpacked(value: Json) -> Json:
    """Read JSON out of a text that holds an object, a list or a quoted text; anything else stays as it
    is.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return read_json(value)
        except NotJsonError:
            return value
    return value


def whole(value: Json) -> int | None:
    """Give a count, also when it was written as a text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number >= 0 else None


def amount(value: Json) -> float | None:
    """Give a number, also when it was written as a text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def first(attributes: Mapping[str, Json], *names: str) -> Json:
    """Give the first of several attributes that is there."""
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def items_under(attributes: Mapping[str, Json], prefix: str) -> list[dict[str, Json]]:
    """Collect a list that was flattened into names: `prefix.0.a`, `prefix.0.b`, `prefix.1.a`."""
    found: dict[int, dict[str, Json]] = {}
    start = f"{prefix}."
    for name, value in attributes.items():
        if not name.startswith(start):
            continue
        match = _INDEX.match(name[len(start) :])
        if match is None or len(found) > MOST_ITEMS:
            continue
        found.setdefault(int(match[1]), {})[match[2] or ""] = value
    return [found[index] for index in sorted(found)]


def role_of(value: Json) -> Any:
    """Give one of our four roles; what is unknown speaks as the user."""
    text = str(value or "user").lower()
    known = _ROLES.get(text, text)
    return known if known in ("system", "user", "assistant", "tool") else "user"


def message_of(value: Json) -> Message | None:
    """Read a message in any of the usual shapes: parts of gen_ai, OpenAI's, Anthropic's blocks;
    None for what is none.
    """
    if not isinstance(value, Mapping):
        return None
    parts = value.get("parts", value.get("content", ""))
    texts: list[str] = []
    calls: list[ToolCall | None] = []
    for part in parts if isinstance(parts, list) else [parts]:
        text, call = _part(part)
        texts += [text] if text else []
        calls.append(call)
    given = value.get("tool_calls") or ()
    calls += [call_of(call) for call in given if isinstance(call, Mapping)]
    return Message(
        role=role_of(value.get("role")),
        content="\n".join(texts),
        tool_calls=tuple(call for call in calls if call is not None),
        tool_call_id=_text_or_none(value.get("tool_call_id")),
    )


_NO_TEXT = frozenset(
    """reasoning thinking redacted_thinking blob file uri image image_url audio input_audio video document
    compaction server_tool_call_response""".split()  # noqa: SIM905  a list of words reads as one
)
"""Parts of messages whose content is no text that was said; some carry a transcript."""


def _part(part: Json) -> tuple[str, ToolCall | None]:
    """The text, or the tool call, of one part; reasoning is neither."""
    if isinstance(part, str):
        return part, None
    if not isinstance(part, Mapping):
        return "", None
    kind = part.get("type", "text")
    if kind in ("tool_call", "tool_use", "tool-call"):
        return "", call_of(part)
    if kind in ("tool_call_response", "tool_result", "tool-result"):
        given = first(dict(part), "response", "result", "content", "output")
        return as_text(given) if given is not None else "", None
    if kind == "server_tool_call":
        inner = part.get("server_tool_call")
        return "", call_of({"name": part.get("name"), "arguments": inner})
    if kind in _NO_TEXT:
        text = part.get("transcript")
        return (text if isinstance(text, str) else ""), None
    text = first(dict(part), "content", "text")
    return (text if isinstance(text, str) else ""), None


def call_of(value: Mapping[str, Json]) -> ToolCall | None:
    """Read a tool call in any of the usual shapes; None without a name."""
    inner = value.get("function")
    source = {**value, **inner} if isinstance(inner, Mapping) else dict(value)
    name = first(source, "name", "toolName", "tool_name")
    if not isinstance(name, str):
        return None
    return ToolCall(name=name, arguments=unpacked(first(source, "arguments", "args", "input")))


def tools_of(value: Json) -> tuple[ToolSpec, ...] | None:
    """Read a list of tool definitions in any of the usual shapes; what is none is left out."""
    found = unpacked(value)
    if not isinstance(found, list):
        return None
    return tuple(each for item in found[:MOST_ITEMS] if (each := tool_of(item)) is not None)


def tool_of(value: Json) -> ToolSpec | None:
    """Read a tool's definition: OpenAI's, Anthropic's, gen_ai's; None without a name."""
    value = unpacked(value)
    if not isinstance(value, Mapping):
        return None
    inner = value.get("function")
    source = {**value, **inner} if isinstance(inner, Mapping) else dict(value)
    name = source.get("name")
    if not isinstance(name, str):
        return None
    schema = unpacked(first(source, "parameters", "input_schema", "inputSchema"))
    words = source.get("description")
    return ToolSpec(
        name=name,
        description=words if isinstance(words, str) else "",
        parameters=schema if isinstance(schema, Mapping) else {"type": "object"},
    )


def document_of(value: Json) -> Document | None:
    """Read a document in any of the usual shapes; None for what is none."""
    if isinstance(value, str):
        return Document(text=value)
    if (
        isinstance(value, list) and len(value) == 2 and isinstance(value[0], Mapping)
    ):  # with its score
        found = document_of(value[0])
        score = amount(value[1])
        return (
            None
            if found is None
            else Document(id=found.id, text=found.text, score=score, metadata=found.metadata)
        )
    if not isinstance(value, Mapping):
        return None
    inner = value.get("document")
    source = {**value, **inner} if isinstance(inner, Mapping) else dict(value)
    metadata = unpacked(source.get("metadata"))
    extra = {k: v for k, v in source.items() if k not in _DOCUMENT_KEYS and v is not None}
    about = metadata if isinstance(metadata, Mapping) else {}
    identity = first({**about, **source}, "id", "document_id", "doc_id", "doc_uri")
    text = first(source, "content", "text", "page_content")
    return Document(
        id=None if identity is None else str(identity),
        text=None if text is None else as_text(text),
        score=amount(source.get("score")),
        metadata={**about, **extra},
    )


_DOCUMENT_KEYS = frozenset(
    {
        "id",
        "document_id",
        "doc_id",
        "content",
        "text",
        "page_content",
        "score",
        "metadata",
        "document",
    }
)


def documents_of(value: Json) -> tuple[Document, ...] | None:
    """Read a list of documents; what is none is left out."""
    found = unpacked(value)
    if not isinstance(found, list):
        return None
    return tuple(each for item in found[:MOST_ITEMS] if (each := document_of(item)) is not None)


def messages_of(value: Json) -> tuple[Message, ...]:
    """Read a list of messages; what is none is left out."""
    found = unpacked(value)
    items = found if isinstance(found, list) else [found] if isinstance(found, Mapping) else []
    return tuple(each for item in items[:MOST_ITEMS] if (each := message_of(item)) is not None)


def _text_or_none(value: Json) -> str | None:
    return value if isinstance(value, str) else None

"""Anthropic's Messages.

Reference: docs.anthropic.com/en/api/messages, /en/api/messages-streaming, /en/api/errors.
"""

from collections.abc import Mapping
from typing import Any

from regrade.domain import ChatReply, ChatRequest, Json, Message, ToolCall, Usage
from regrade.domain.errors import TargetError, TransientError

from .reading import arguments_of, whole_number

VERSION = "2023-06-01"
MOST_TOKENS = 4096
"""What `max_tokens` is when nobody says: the interface demands one."""


def path(_model: str, *, stream: bool) -> str:
    """Give where a model is asked."""
    del stream  # the body says it
    return "/messages"


def schema_params(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give what asks for a reply that follows a JSON Schema."""
    return {"output_config": {"format": {"type": "json_schema", "schema": dict(schema)}}}


def tool_choice(name: str) -> dict[str, Json]:
    """Give what asks for a call of one tool."""
    return {"tool_choice": {"type": "tool", "name": name}}


def headers(key: str | None) -> dict[str, str]:
    """Give the headers of a request."""
    return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}


def body(model: str, request: ChatRequest, *, stream: bool) -> dict[str, Json]:
    """Write a request: what the system role says goes into a field of its own."""
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    content: dict[str, Json] = {
        "model": model,
        "max_tokens": MOST_TOKENS,
        "messages": [_message(each) for each in request.messages if each.role != "system"],
        **({"system": system} if system else {}),
        **request.params,
    }
    if request.schema is not None and not request.tools:
        content |= schema_params(request.schema)
    if request.tools:
        content["tools"] = [
            {
                "name": tool.name,
                "description": tool.description,
                "input_schema": dict(tool.parameters),
            }
            for tool in request.tools
        ]
    if stream:
        content["stream"] = True
    return content


def _message(message: Message) -> dict[str, Json]:
    if message.role == "tool":
        result = {
            "type": "tool_result",
            "tool_use_id": message.tool_call_id,
            "content": message.content,
        }
        return {"role": "user", "content": [result]}
    if not message.tool_calls:
        return {"role": message.role, "content": message.content}
    said = [{"type": "text", "text": message.content}] if message.content else []
    calls = [
        {"type": "tool_use", "id": f"call_{at}", "name": call.name, "input": call.arguments or {}}
        for at, call in enumerate(message.tool_calls)
    ]
    return {"role": "assistant", "content": [*said, *calls]}


def read(reply: Json) -> ChatReply:
    """Read a whole reply.

    Raises: LookupError, TypeError when it has another shape.
    """
    blocks = reply["content"]
    return ChatReply(
        text="".join(block["text"] for block in blocks if block["type"] == "text"),
        tool_calls=tuple(
            ToolCall(name=block["name"], arguments=block.get("input"))
            for block in blocks
            if block["type"] == "tool_use"
        ),
        usage=_usage(reply.get("usage")),
        model=reply.get("model"),
        stop_reason=reply.get("stop_reason"),
    )


def _usage(usage: dict[str, Json] | None) -> Usage | None:
    """Read usage: `input_tokens` leaves out what came from the cache or went into it."""
    if not usage:
        return None
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    counts = [whole_number(usage.get(name)) for name in names]
    return Usage(
        input_tokens=None if counts[0] is None else sum(count or 0 for count in counts),
        output_tokens=whole_number(usage.get("output_tokens")),
        cached_tokens=counts[1],
    )


class Stream:
    """Puts a streamed reply together."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._blocks: list[dict[str, Any]] = []
        self._written: dict[int, str] = {}
        self._message: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}

    def take(self, event: Json) -> str:
        """Take one event; give the text that it adds.

        Raises: TargetError when the event says that something failed.
        """
        kind = event.get("type")
        if kind == "message_start":
            self._message = dict(event["message"])
            self._usage.update(self._message.get("usage") or {})
        elif kind == "content_block_start":
            self._blocks.append(dict(event["content_block"]))
        elif kind == "content_block_delta":
            return self._take_delta(event["index"], event["delta"])
        elif kind == "message_delta":
            self._message.update(event.get("delta") or {})
            self._usage.update(event.get("usage") or {})
        elif kind == "error":
            raise _failure(event.get("error") or {})
        return ""

    def _take_delta(self, index: int, delta: dict[str, Any]) -> str:
        if delta.get("type") == "text_delta":
            self._blocks[index]["text"] = self._blocks[index].get("text", "") + delta["text"]
            return str(delta["text"])
        if delta.get("type") == "input_json_delta":
            self._written[index] = self._written.get(index, "") + delta["partial_json"]
        return ""

    def reply(self) -> ChatReply:
        """Give the whole."""
        for index, text in self._written.items():
            self._blocks[index]["input"] = arguments_of(text)
        return read({**self._message, "content": self._blocks, "usage": self._usage})


def _failure(error: dict[str, Json]) -> TargetError:
    message = (
        f"the model failed: {error.get('message') or error.get('type') or 'it does not say why'}"
    )
    if error.get("type") in ("overloaded_error", "api_error", "rate_limit_error"):
        return TransientError(message, kind="http", limited=error["type"] != "api_error")
    return TargetError(message, kind="http")

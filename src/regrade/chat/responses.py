"""OpenAI's Responses.

Reference: platform.openai.com/docs/api-reference/responses (object, create, streaming).
"""

from collections.abc import Mapping
from typing import Any

from regrade.domain import ChatReply, ChatRequest, Json, Message, ToolCall, Usage
from regrade.domain.errors import TargetError, TransientError

from .chat_completions import headers
from .reading import arguments_of, arguments_text, whole_number

__all__ = ["Stream", "body", "headers", "path", "read", "schema_params", "tool_choice"]


def path(_model: str, *, stream: bool) -> str:
    """Give where a model is asked."""
    del stream  # the body says it
    return "/responses"


def schema_params(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give what asks for a reply that follows a JSON Schema."""
    described = {"type": "json_schema", "name": "answer", "strict": True, "schema": dict(schema)}
    return {"text": {"format": described}}


def tool_choice(name: str) -> dict[str, Json]:
    """Give what asks for a call of one tool."""
    return {"tool_choice": {"type": "function", "name": name}}


def body(model: str, request: ChatRequest, *, stream: bool) -> dict[str, Json]:
    """Write a request; nothing is stored at the provider."""
    content: dict[str, Json] = {
        "model": model,
        "input": [item for each in request.messages for item in _items(each)],
        "store": False,
        **request.params,
    }
    if request.schema is not None and not request.tools:
        content |= schema_params(request.schema)
    if request.tools:
        content["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            }
            for tool in request.tools
        ]
    if stream:
        content["stream"] = True
    return content


def _items(message: Message) -> list[dict[str, Json]]:
    if message.role == "tool":
        return [
            {
                "type": "function_call_output",
                "call_id": message.tool_call_id,
                "output": message.content,
            }
        ]
    calls = [
        {
            "type": "function_call",
            "call_id": f"call_{at}",
            "name": call.name,
            "arguments": arguments_text(call),
        }
        for at, call in enumerate(message.tool_calls)
    ]
    said = [{"role": message.role, "content": message.content}] if message.content else []
    return [*said, *calls]


def read(reply: Json) -> ChatReply:
    """Read a whole reply.

    Raises: LookupError, TypeError when it has another shape; TargetError when it says that it
    failed.
    """
    if reply.get("status") == "failed" or reply.get("error"):
        raise _failure(reply.get("error") or {})
    texts: list[str] = []
    calls: list[ToolCall] = []
    for item in reply["output"]:
        if item["type"] == "message":
            texts += [part.get("text") or part.get("refusal") or "" for part in item["content"]]
        elif item["type"] == "function_call":
            calls.append(ToolCall(name=item["name"], arguments=arguments_of(item.get("arguments"))))
    incomplete = reply.get("incomplete_details") or {}
    return ChatReply(
        text="".join(texts),
        tool_calls=tuple(calls),
        usage=_usage(reply.get("usage")),
        model=reply.get("model"),
        stop_reason=incomplete.get("reason") or reply.get("status"),
    )


def _usage(usage: dict[str, Json] | None) -> Usage | None:
    if not usage:
        return None
    cached = (usage.get("input_tokens_details") or {}).get("cached_tokens")
    return Usage(
        input_tokens=whole_number(usage.get("input_tokens")),
        output_tokens=whole_number(usage.get("output_tokens")),
        cached_tokens=whole_number(cached),
    )


def _failure(error: dict[str, Json]) -> TargetError:
    message = (
        f"the model failed: {error.get('message') or error.get('code') or 'it does not say why'}"
    )
    if error.get("code") in ("server_error", "rate_limit_exceeded"):
        return TransientError(message, kind="http", limited=error["code"] == "rate_limit_exceeded")
    return TargetError(message, kind="http")


class Stream:
    """Puts a streamed reply together: its last event holds the whole."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._whole: dict[str, Any] | None = None

    def take(self, event: Json) -> str:
        """Take one event; give the text that it adds."""
        kind = event.get("type", "")
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self._whole = event["response"]
        elif kind == "error":
            raise _failure(event.get("error") or event)
        elif kind in ("response.output_text.delta", "response.refusal.delta"):
            return str(event.get("delta", ""))
        return ""

    def reply(self) -> ChatReply:
        """Give the whole.

        Raises: TransientError when the stream ended before its last event.
        """
        if self._whole is None:
            raise TransientError("the stream ended before the reply was complete")
        return read(self._whole)

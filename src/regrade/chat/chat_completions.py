"""OpenAI's Chat Completions, which most servers speak.

Reference: platform.openai.com/docs/api-reference/chat (object, create, streaming).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from regrade.domain import ChatReply, ChatRequest, Json, Message, ToolCall, ToolSpec, Usage

from .reading import arguments_of, arguments_text, whole_number


def path(_model: str, *, stream: bool) -> str:
    """Give where a model is asked."""
    del stream  # the body says it
    return "/chat/completions"


def schema_params(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give what asks for a reply that follows a JSON Schema."""
    described = {"name": "answer", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def tool_choice(name: str) -> dict[str, Json]:
    """Give what asks for a call of one tool."""
    return {"tool_choice": {"type": "function", "function": {"name": name}}}


def headers(key: str | None) -> dict[str, str]:
    """Give the headers of a request."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def body(model: str, request: ChatRequest, *, stream: bool) -> dict[str, Json]:
    """Write a request."""
    content: dict[str, Json] = {
        "model": model,
        "messages": [_message(each) for each in request.messages],
        **request.params,
    }
    if request.schema is not None and not request.tools:
        content |= schema_params(request.schema)
    if request.tools:
        content["tools"] = [_tool(each) for each in request.tools]
    if stream:
        content |= {"stream": True, "stream_options": {"include_usage": True}}
    return content


def _message(message: Message) -> dict[str, Json]:
    content: dict[str, Json] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        content["tool_calls"] = [
            {
                "id": f"call_{at}",
                "type": "function",
                "function": {"name": call.name, "arguments": arguments_text(call)},
            }
            for at, call in enumerate(message.tool_calls)
        ]
    if message.tool_call_id is not None:
        content["tool_call_id"] = message.tool_call_id
    return content


def _tool(tool: ToolSpec) -> dict[str, Json]:
    described = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": described}


def read(reply: Json) -> ChatReply:
    """Read a whole reply.

    Raises: LookupError, TypeError when it has another shape.
    """
    choice = reply["choices"][0]
    message = choice["message"]
    calls = message.get("tool_calls") or ()
    return ChatReply(
        text=_text(message),
        tool_calls=tuple(_call(call["function"]) for call in calls),
        usage=_usage(reply.get("usage")),
        model=reply.get("model"),
        stop_reason=choice.get("finish_reason"),
    )


def _text(message: dict[str, Json]) -> str:
    content = message.get("content")
    if isinstance(content, list):  # some servers give the parts of a text
        content = "".join(part.get("text", "") for part in content)
    return content or message.get("refusal") or ""


def _call(function: dict[str, Json]) -> ToolCall:
    return ToolCall(name=function["name"], arguments=arguments_of(function.get("arguments")))


def _usage(usage: dict[str, Json] | None) -> Usage | None:
    if not usage:
        return None
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    cost = usage.get("cost")  # OpenRouter and proxies say what it cost
    said = float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None
    return Usage(
        input_tokens=whole_number(usage.get("prompt_tokens")),
        output_tokens=whole_number(usage.get("completion_tokens")),
        cached_tokens=whole_number(cached),
        cost_usd=said,
        priced_by=None if said is None else "reported",
    )


class Stream:
    """Puts a streamed reply together."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._texts: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._last: dict[str, Any] = {}

    def take(self, event: Json) -> str:
        """Take one event; give the text that it adds, or a space where it begins a tool call."""
        for name in ("model", "usage"):
            if event.get(name):
                self._last[name] = event[name]
        added = ""
        for choice in event.get("choices") or ():
            delta = choice.get("delta") or {}
            added += delta.get("content") or delta.get("refusal") or ""
            self._take_calls(delta.get("tool_calls") or ())
            if choice.get("finish_reason"):
                self._last["finish_reason"] = choice["finish_reason"]
        self._texts.append(added)
        return added

    def _take_calls(self, calls: Iterable[dict[str, Json]]) -> None:
        for at, call in enumerate(calls):
            known = self._calls.setdefault(call.get("index", at), {"name": "", "arguments": ""})
            function = call.get("function") or {}
            known["name"] += function.get("name") or ""
            known["arguments"] += function.get("arguments") or ""

    def reply(self) -> ChatReply:
        """Give the whole."""
        return ChatReply(
            text="".join(self._texts),
            tool_calls=tuple(_call(self._calls[at]) for at in sorted(self._calls)),
            usage=_usage(self._last.get("usage")),
            model=self._last.get("model"),
            stop_reason=self._last.get("finish_reason"),
        )

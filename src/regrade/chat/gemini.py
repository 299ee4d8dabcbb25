"""Google's Gemini.

Reference: ai.google.dev/api/generate-content (generateContent, streamGenerateContent), and its pages on
structured output and function calling.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from regrade.domain import ChatReply, ChatRequest, Json, Message, ToolCall, Usage
from regrade.domain.errors import TargetError, TransientError

from .reading import whole_number

_CONFIG = (
    "temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed", "candidateCount", "thinkingConfig",
    "responseMimeType", "responseJsonSchema", "presencePenalty", "frequencyPenalty",
)  # fmt: skip
_SPELLED = {
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
}


def path(model: str, *, stream: bool) -> str:
    """Give where a model is asked."""
    if stream:
        return f"/models/{model}:streamGenerateContent?alt=sse"
    return f"/models/{model}:generateContent"


def headers(key: str | None) -> dict[str, str]:
    """Give the headers of a request."""
    return {"x-goog-api-key": key} if key else {}


def schema_params(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give what asks for a reply that follows a JSON Schema."""
    return {"responseMimeType": "application/json", "responseJsonSchema": dict(schema)}


def tool_choice(name: str) -> dict[str, Json]:
    """Give what asks for a call of one tool."""
    calling = {"mode": "ANY", "allowedFunctionNames": [name]}
    return {"toolConfig": {"functionCallingConfig": calling}}


def body(_model: str, request: ChatRequest, *, stream: bool) -> dict[str, Json]:
    """Write a request: settings of the generation go into a part of their own."""
    del stream  # the path says it
    params = {_SPELLED.get(name, name): value for name, value in request.params.items()}
    config = {name: params.pop(name) for name in _CONFIG if name in params}
    if request.schema is not None and not request.tools:
        config |= schema_params(request.schema)
    system = "\n\n".join(m.content for m in request.messages if m.role == "system")
    content: dict[str, Json] = {
        "contents": [_content(each) for each in request.messages if each.role != "system"],
        **({"systemInstruction": {"parts": [{"text": system}]}} if system else {}),
        **({"generationConfig": config} if config else {}),
        **params,
    }
    if request.tools:
        declared = [
            {
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": dict(tool.parameters),
            }
            for tool in request.tools
        ]
        content["tools"] = [{"functionDeclarations": declared}]
    return content


def _content(message: Message) -> dict[str, Json]:
    if message.role == "tool":
        result = {"name": message.tool_call_id or "", "response": {"result": message.content}}
        return {"role": "user", "parts": [{"functionResponse": result}]}
    said = [{"text": message.content}] if message.content or not message.tool_calls else []
    calls = [
        {"functionCall": {"name": call.name, "args": call.arguments or {}}}
        for call in message.tool_calls
    ]
    return {"role": "model" if message.role == "assistant" else "user", "parts": [*said, *calls]}


def read(reply: Json) -> ChatReply:
    """Read a whole reply; a prompt that was blocked is an empty one with its reason.

    Raises: LookupError, TypeError when it has another shape.
    """
    blocked = (reply.get("promptFeedback") or {}).get("blockReason")
    candidates = reply.get("candidates") or []
    if not candidates:
        if blocked is None:
            raise LookupError("candidates")
        model = reply.get("modelVersion")
        return ChatReply(text="", usage=_usage(reply), model=model, stop_reason=blocked)
    parts = [*_parts(candidates[0])]
    return ChatReply(
        text="".join(part["text"] for part in parts if "text" in part),
        tool_calls=tuple(
            ToolCall(name=part["functionCall"]["name"], arguments=part["functionCall"].get("args"))
            for part in parts
            if "functionCall" in part
        ),
        usage=_usage(reply),
        model=reply.get("modelVersion"),
        stop_reason=candidates[0].get("finishReason"),
    )


def _parts(candidate: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the parts of an answer, without what it thought on the way."""
    for part in (candidate.get("content") or {}).get("parts") or ():
        if not part.get("thought"):
            yield part


def _usage(reply: dict[str, Any]) -> Usage | None:
    """Read usage: what it thought counts as output."""
    usage = reply.get("usageMetadata")
    if not usage:
        return None
    written = [whole_number(usage.get(n)) for n in ("candidatesTokenCount", "thoughtsTokenCount")]
    return Usage(
        input_tokens=whole_number(usage.get("promptTokenCount")),
        output_tokens=None if written[0] is None else sum(each or 0 for each in written),
        cached_tokens=whole_number(usage.get("cachedContentTokenCount")),
    )


class Stream:
    """Puts a streamed reply together."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._parts: list[dict[str, Any]] = []
        self._last: dict[str, Any] = {}
        self._finish: str | None = None

    def take(self, event: Json) -> str:
        """Take one event; give the text that it adds.

        Raises: TargetError when the event says that something failed.
        """
        if (error := event.get("error")) is not None:
            raise _failure(error)
        for name in ("usageMetadata", "modelVersion", "promptFeedback"):
            if event.get(name):
                self._last[name] = event[name]
        added = ""
        for candidate in (event.get("candidates") or ())[:1]:
            parts = [*_parts(candidate)]
            self._parts += parts
            added += "".join(part.get("text", "") for part in parts)
            self._finish = candidate.get("finishReason") or self._finish
        return added

    def reply(self) -> ChatReply:
        """Give the whole."""
        candidate = {"content": {"parts": self._parts}, "finishReason": self._finish}
        seen = self._parts or self._finish
        return read({**self._last, **({"candidates": [candidate]} if seen else {})})


def _failure(error: dict[str, Json]) -> TargetError:
    message = (
        f"the model failed: {error.get('message') or error.get('status') or 'it does not say why'}"
    )
    if error.get("code") in (429, 500, 503):
        return TransientError(message, kind="http", limited=error["code"] == 429)
    return TargetError(message, kind="http")

"""A scripted language model behind the real wire: Chat Completions, Responses, Messages, embeddings, over a socket.

Each request takes the next step of the script; when it is used up, the last step again.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.serving import served


@dataclass
class Step:
    """What the model does with one request."""

    text: str = "hello"
    calls: Sequence[tuple[str, dict[str, Any]]] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Sent as it is instead of a reply in the dialect."""
    delay_s: float = 0.0
    cached: int = 0
    cost: float | None = None


class Script:
    """The steps, and every request that came."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = [*steps]
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def next(self, request: dict[str, Any], headers: dict[str, str]) -> Step:
        step = self._steps[min(len(self.requests), len(self._steps) - 1)]
        self.requests.append(request)
        self.headers.append(headers)
        return step


def chat_completion(step: Step) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": step.text or None, "refusal": None}
    if step.calls:
        message["tool_calls"] = [
            {
                "id": f"c{at}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for at, (name, arguments) in enumerate(step.calls)
        ]
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": step.cached},
        **({} if step.cost is None else {"cost": step.cost}),
    }
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "tool_calls" if step.calls else "stop",
    }
    return {
        "id": "x",
        "object": "chat.completion",
        "model": "scripted-1",
        "choices": [choice],
        "usage": usage,
    }


def chat_events(step: Step) -> list[dict[str, Any]]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {
            "model": "scripted-1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }

    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": piece}) for piece in (step.text[:3], step.text[3:]) if piece]
    for at, (name, arguments) in enumerate(step.calls):
        text = json.dumps(arguments)
        events.append(
            chunk(
                {
                    "tool_calls": [
                        {"index": at, "id": "c", "function": {"name": name, "arguments": text[:4]}}
                    ]
                }
            )
        )
        events.append(chunk({"tool_calls": [{"index": at, "function": {"arguments": text[4:]}}]}))
    events.append(chunk({}, "stop"))
    return [
        *events,
        {"model": "scripted-1", "choices": [], "usage": chat_completion(step)["usage"]},
    ]


def response_object(step: Step) -> dict[str, Any]:
    output: list[dict[str, Any]] = [{"type": "reasoning", "summary": []}]
    if step.text:
        content = [{"type": "output_text", "text": step.text, "annotations": []}]
        output.append({"type": "message", "role": "assistant", "content": content})
    output += [
        {"type": "function_call", "name": name, "arguments": json.dumps(arguments), "call_id": "c"}
        for name, arguments in step.calls
    ]
    usage = {
        "input_tokens": 100,
        "output_tokens": 20,
        "input_tokens_details": {"cached_tokens": step.cached},
    }
    return {
        "id": "r",
        "status": "completed",
        "model": "scripted-1",
        "output": output,
        "usage": usage,
        "error": None,
    }


def response_events(step: Step) -> list[dict[str, Any]]:
    deltas = [
        {"type": "response.output_text.delta", "delta": piece}
        for piece in (step.text[:3], step.text[3:])
    ]
    return [
        {"type": "response.created"},
        *deltas,
        {"type": "response.completed", "response": response_object(step)},
    ]


def message_object(step: Step) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": step.text}] if step.text else []
    content += [
        {"type": "tool_use", "id": "t", "name": name, "input": arguments}
        for name, arguments in step.calls
    ]
    usage = {
        "input_tokens": 100 - step.cached,
        "output_tokens": 20,
        "cache_read_input_tokens": step.cached,
    }
    return {
        "id": "m", "type": "message", "role": "assistant", "model": "scripted-1", "content": content,
        "stop_reason": "end_turn", "usage": usage,
    }  # fmt: skip


def message_events(step: Step) -> list[dict[str, Any]]:
    whole = message_object(step)
    events: list[dict[str, Any]] = [
        {
            "type": "message_start",
            "message": {**whole, "content": [], "usage": {**whole["usage"], "output_tokens": 1}},
        },
        {"type": "ping"},
    ]
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            pieces = [
                {"type": "text_delta", "text": piece} for piece in (step.text[:3], step.text[3:])
            ]
            start: dict[str, Any] = {"type": "text", "text": ""}
        else:
            text = json.dumps(block["input"])
            pieces = [
                {"type": "input_json_delta", "partial_json": piece}
                for piece in (text[:4], text[4:])
            ]
            start = {**block, "input": {}}
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [
            {"type": "content_block_delta", "index": index, "delta": piece} for piece in pieces
        ]
        events.append({"type": "content_block_stop", "index": index})
    events.append(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 20},
        }
    )
    return [*events, {"type": "message_stop"}]


def embeddings(step: Step, request: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"index": at, "embedding": [float(len(text)), float(text.count("a"))]}
        for at, text in enumerate(request["input"])
    ]
    return {
        "object": "list",
        "data": rows[::-1],
        "model": "scripted-1",
        "usage": {"prompt_tokens": 5},
    }


def gemini_object(step: Step) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": "thinking", "thought": True}]
    parts += [{"text": step.text}] if step.text else []
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in step.calls]
    usage = {
        "promptTokenCount": 100,
        "candidatesTokenCount": 15,
        "thoughtsTokenCount": 5,
        "cachedContentTokenCount": step.cached,
    }
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted-1"}


def gemini_events(step: Step) -> list[dict[str, Any]]:
    whole = gemini_object(step)
    parts = whole["candidates"][0]["content"]["parts"]
    pieces = [{"text": piece} for piece in (step.text[:3], step.text[3:]) if piece]
    events: list[dict[str, Any]] = [
        {"candidates": [{"content": {"role": "model", "parts": [piece]}}]}
        for piece in (parts[0], *pieces, *(p for p in parts if "functionCall" in p))
    ]
    events.append({**whole, "candidates": [{"content": {"parts": []}, "finishReason": "STOP"}]})
    return events


WHOLE = {
    "generateContent": gemini_object,
    "chat/completions": chat_completion,
    "responses": response_object,
    "messages": message_object,
}
EVENTS = {
    "chat/completions": chat_events,
    "responses": response_events,
    "messages": message_events,
    "streamGenerateContent": gemini_events,
}


def application(script: Script) -> web.Application:
    async def reply(request: web.Request) -> web.StreamResponse:
        path, content = request.match_info["path"].rpartition(":")[2], await request.json()
        step = script.next(content, {k.lower(): v for k, v in request.headers.items()})
        await asyncio.sleep(step.delay_s)
        headers = {"x-request-id": f"req-{len(script.requests)}", **step.headers}
        if step.body is not None or step.status != 200:
            body = (
                step.body if step.body is not None else {"error": {"message": "scripted refusal"}}
            )
            return web.json_response(body, status=step.status, headers=headers)
        if path == "embeddings":
            return web.json_response(embeddings(step, content), headers=headers)
        if not content.get("stream") and path != "streamGenerateContent":
            return web.json_response(WHOLE[path](step), headers=headers)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **headers})
        await response.prepare(request)
        for event in EVENTS[path](step):
            await response.write(
                f"event: {event.get('type', 'x')}\ndata: {json.dumps(event)}\n\n".encode()
            )
        await response.write(b"data: [DONE]\n\n" if path == "chat/completions" else b"")
        return response

    app = web.Application()
    app.router.add_post("/v1/{path:.+}", reply)
    return app


@contextmanager
def model_server(*steps: Step) -> Iterator[tuple[str, Script]]:
    """Serve a script; give its base URL and what came."""
    script = Script(steps or [Step()])
    with served(application(script)) as address:
        yield f"{address}/v1", script

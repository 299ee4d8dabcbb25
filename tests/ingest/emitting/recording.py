"""A local OpenAI-compatible server, and an exporter that writes spans as lines of JSON.

Every program beside this one uses both.
"""

import json
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

TOOL = {
    "type": "function",
    "function": {
        "name": "find_order",
        "description": "Find an order.",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "string"}},
            "required": ["number"],
        },
    },
}
MESSAGES = [
    {"role": "system", "content": "Answer briefly."},
    {"role": "user", "content": "Where is order 7?"},
]


class _Model(BaseHTTPRequestHandler):
    """Calls the first tool that it is offered, unless a tool has answered; embeds anything."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/embeddings"):
            self._say({"object": "list", "model": "stub-embed-1", "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}], "usage": {"prompt_tokens": 4, "total_tokens": 4}})  # fmt: skip
            return
        answered = any(message["role"] == "tool" for message in asked["messages"])
        message: dict[str, Any] = {"role": "assistant", "content": "Order 7 is on its way."}
        if asked.get("tools") and not answered:
            name = asked["tools"][0]["function"]["name"]
            call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": '{"number": "7"}'}}  # fmt: skip
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        usage = {"prompt_tokens": 21, "completion_tokens": 8, "total_tokens": 29, "prompt_tokens_details": {"cached_tokens": 5}, "completion_tokens_details": {"reasoning_tokens": 2}}  # fmt: skip
        choices = [{"index": 0, "message": message, "finish_reason": reason}]
        self._say({"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "stub-1-2026", "choices": choices, "usage": usage})  # fmt: skip

    def _say(self, reply: dict[str, Any]) -> None:
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def served() -> str:
    """Start the server and give its base URL."""
    server = HTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"


def _without_paths(attributes: Any) -> dict[str, Any]:
    """Leave out tracebacks, which name folders of the machine."""
    return {k: v for k, v in (attributes or {}).items() if k != "exception.stacktrace"}


class LineExporter(SpanExporter):
    """Writes each span as a line, with the library that emitted it."""

    def __init__(self, library: str) -> None:
        self.library = library

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            context = span.get_span_context()
            assert context is not None
            line = {
                "library": self.library,
                "version": version(self.library),
                "name": span.name,
                "span_id": f"{context.span_id:016x}",
                "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
                "start_ns": span.start_time,
                "end_ns": span.end_time,
                "is_error": span.status.status_code.name == "ERROR",
                "status": span.status.description or "",
                "attributes": dict(span.attributes or {}),
                "events": [
                    {"name": e.name, "attributes": _without_paths(e.attributes)}
                    for e in span.events
                ],
            }
            sys.stdout.write(json.dumps(line, default=list) + "\n")
        sys.stdout.flush()
        return SpanExportResult.SUCCESS


def provider(library: str) -> tuple[TracerProvider, LineExporter]:
    """Make a provider that writes lines for a library."""
    made, exporter = TracerProvider(), LineExporter(library)
    made.add_span_processor(SimpleSpanProcessor(exporter))
    return made, exporter

"""A trace is what happened on one attempt: what came out, how long it took, what it used, what went
wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final

from .case import ToolCall
from .documents import Json, as_text, read_json


class _NotCaptured:
    """The type of `NOT_CAPTURED`: an output that nobody recorded, which is not the same as an empty
    one.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOT_CAPTURED"

    def __copy__(self) -> "_NotCaptured":
        return self

    def __deepcopy__(self, memo: object) -> "_NotCaptured":
        return self

    def __reduce__(self) -> str:
        return "NOT_CAPTURED"


NOT_CAPTURED: Final = _NotCaptured()
"""Stands for content that was not captured: graders abstain on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that the system retrieved."""

    id: str | None = None
    """Its id in the index."""
    text: str | None = None
    """What it says."""
    score: float | None = None
    """The retriever's own score, in the retriever's unit."""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    """Anything else that came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an attempt used; None is unknown, which is not zero."""

    input_tokens: int | None = None
    """Tokens sent, cached ones included."""
    output_tokens: int | None = None
    """Tokens received, reasoning included."""
    cost_usd: float | None = None
    """US dollars."""
    cached_tokens: int | None = None
    """Of the tokens sent, those that the provider read from its cache."""
    priced_by: str | None = None
    """Who says what it cost: `reported` by the system or provider, or the price table with its
    date."""

    @property
    def tokens(self) -> int | None:
        """Tokens in and out together; None when neither is known."""
        known = [n for n in (self.input_tokens, self.output_tokens) if n is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Response:
    """What a target answers: the output, and what it says about how it came to it."""

    output: Json = NOT_CAPTURED
    """Text or JSON."""
    retrieved: tuple[Document, ...] | None = None
    """Documents in rank order; None when nothing is known about retrieval."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """Calls in the order made; None when nothing is known about tools."""
    usage: Usage | None = None
    """Tokens and cost, when known."""
    latency_s: float | None = None
    """Seconds that the system took, where that is known better than by waiting for it (a recorded
    answer)."""
    ttft_s: float | None = None
    """Seconds until the first token, when streamed."""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    """Anything else worth keeping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFailure:
    """Why an attempt got no answer."""

    kind: str
    """timeout, exception, crash, garbage, transport, http, not_recorded."""
    message: str
    """One sentence."""
    traceback: str = ""
    """The target's own traceback, when there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What happened on one attempt."""

    output: Json = NOT_CAPTURED
    """What the system answered; NOT_CAPTURED when it gave none or nobody recorded it."""
    retrieved: tuple[Document, ...] | None = None
    """Documents in rank order; None when nothing is known about retrieval."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """Calls in the order made; None when nothing is known about tools."""
    usage: Usage | None = None
    """Tokens and cost, when known."""
    started_at: datetime | None = None
    """When the attempt began, in UTC."""
    latency_s: float | None = None
    """Seconds from question to full answer, of the last try; None when unknown."""
    ttft_s: float | None = None
    """Seconds until the first token, when streamed."""
    tries: int = 1
    """How often the target was asked, transient errors included."""
    error: TargetFailure | None = None
    """Why there is no answer, if there is none."""
    metadata: Mapping[str, Json] = field(default_factory=dict)
    """Anything else that the target said."""

    @property
    def is_captured(self) -> bool:
        """Whether there is an output to judge."""
        return self.output is not NOT_CAPTURED

    @property
    def output_text(self) -> str:
        """The output as text: text as it is, anything else as JSON."""
        return as_text(self.output)

    @property
    def output_json(self) -> Json:
        """The output as JSON: text is parsed, anything else is as it is.

        Raises: NotJsonError when the text is not JSON.
        """
        return read_json(self.output) if isinstance(self.output, str) else self.output


def trace_content(trace: Trace) -> dict[str, Json]:
    """Give what is known of a trace as JSON; `restored_trace` reads it back."""
    content: dict[str, Json] = {"output": trace.output} if trace.is_captured else {}
    for name in ("retrieved", "tool_calls"):
        if (items := getattr(trace, name)) is not None:
            content[name] = [_fields(item) for item in items]
    for name in ("usage", "error"):
        if (part := getattr(trace, name)) is not None:
            content[name] = _fields(part)
    for name in ("latency_s", "ttft_s"):
        if (number := getattr(trace, name)) is not None:
            content[name] = number
    if trace.started_at is not None:
        content["started_at"] = trace.started_at.isoformat()
    if trace.tries != 1:
        content["tries"] = trace.tries
    if trace.metadata:
        content["metadata"] = dict(trace.metadata)
    return content


def restored_trace(content: Mapping[str, Json]) -> Trace:
    """Make the trace that `trace_content` gave this content of."""
    parts = dict(content)
    for name, kind in _PARTS.items():
        if (value := parts.get(name)) is not None:
            parts[name] = (
                tuple(kind(**item) for item in value) if isinstance(value, list) else kind(**value)
            )
    if (started_at := parts.get("started_at")) is not None:
        parts["started_at"] = datetime.fromisoformat(started_at)
    return Trace(**parts)


_PARTS: Mapping[str, type] = {
    "retrieved": Document,
    "tool_calls": ToolCall,
    "usage": Usage,
    "error": TargetFailure,
}


def _fields(noun: object) -> dict[str, Json]:
    """The fields of a noun that are set."""
    found = {f.name: getattr(noun, f.name) for f in fields(noun)}  # type: ignore[arg-type]  # our own dataclasses
    return {
        name: value
        for name, value in found.items()
        if value is not None and value != {} and value != ""
    }

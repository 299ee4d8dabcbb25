"""A trace is what happened on one attempt: what came out, how long it took, what it used, what went
wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Literal, get_args

from .case import ToolCall
from .documents import Json, as_text, content_hash, read_json


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


ChatRole = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation with a language model."""

    role: ChatRole
    """Who speaks."""
    content: str
    """What is said; of a tool, its result."""
    tool_calls: tuple[ToolCall, ...] = ()
    """The tools that the assistant calls."""
    tool_call_id: str | None = None
    """Which call a tool's message answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool that a model may call."""

    name: str
    """Its name."""
    description: str = ""
    """What it does."""
    parameters: Mapping[str, Json] = field(default_factory=lambda: {"type": "object"})
    """The JSON Schema of its arguments."""


SpanKind = Literal[
    "llm",
    "retrieval",
    "reranker",
    "embedding",
    "tool",
    "agent",
    "chain",
    "parser",
    "guardrail",
    "span",
]
SPAN_KINDS: tuple[str, ...] = get_args(SpanKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One step of what happened: a call of a model, a retrieval, a tool, or any other piece of
    work.
    """

    span_id: str
    """Unique in its trace."""
    parent_id: str | None = None
    """The step that it is part of; None for one that stands alone."""
    name: str
    """What the application calls it."""
    kind: SpanKind = "span"
    """What sort of step it is."""
    start_s: float = 0.0
    """Seconds after the attempt began."""
    duration_s: float | None = None
    """Seconds that it took; None when it was still open when the answer came."""
    error: str | None = None
    """What went wrong, if anything."""
    input: Json = NOT_CAPTURED
    """What it was given; NOT_CAPTURED when nobody recorded it."""
    output: Json = NOT_CAPTURED
    """What it gave; NOT_CAPTURED when nobody recorded it."""
    messages: tuple[Message, ...] = ()
    """The messages that a model was sent."""
    tools: tuple[ToolSpec, ...] = ()
    """The tools that a model was offered."""
    model: str | None = None
    """The model that answered."""
    retrieved: tuple[Document, ...] | None = None
    """The documents that it found, in rank order."""
    tool_call: ToolCall | None = None
    """The call of a tool that it is."""
    usage: Usage | None = None
    """Tokens and cost."""
    attributes: Mapping[str, Json] = field(default_factory=dict)
    """Whatever else the application recorded."""
    is_truncated: bool = False
    """Whether the exporter left something out."""


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
    spans: tuple[Span, ...] = ()
    """The steps that were recorded, in the order in which they began."""

    @property
    def llm_calls(self) -> tuple[Span, ...]:
        """The calls of language models, in their order."""
        return tuple(span for span in self.spans if span.kind == "llm")

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


def answer_key(trace: Trace) -> str:
    """Hash what was answered, as far as people see it: labels hold for equal answers."""
    return content_hash([trace.output if trace.is_captured else None, trace.error is not None])


def trace_content(trace: Trace) -> dict[str, Json]:
    """Give what is known of a trace as JSON; `restored_trace` reads it back."""
    content: dict[str, Json] = {"output": trace.output} if trace.is_captured else {}
    for name, write in _TRACE_PARTS.items():
        if (part := getattr(trace, name)) is not None:
            content[name] = write(part)
    if trace.started_at is not None:
        content["started_at"] = trace.started_at.isoformat()
    if trace.tries != 1:
        content["tries"] = trace.tries
    if trace.metadata:
        content["metadata"] = dict(trace.metadata)
    if trace.spans:
        content["spans"] = [span_content(span) for span in trace.spans]
    return content


def restored_trace(content: Mapping[str, Json]) -> Trace:
    """Make the trace that `trace_content` gave this content of."""
    parts = dict(content)
    for name, kind in _PARTS.items():
        if (value := parts.get(name)) is not None:
            parts[name] = (
                tuple(kind(**item) for item in value) if isinstance(value, list) else kind(**value)
            )
    if spans := parts.get("spans"):
        parts["spans"] = tuple(restored_span(each) for each in spans)
    if (started_at := parts.get("started_at")) is not None:
        parts["started_at"] = datetime.fromisoformat(started_at)
    return Trace(**parts)


_PARTS: Mapping[str, type] = {
    "retrieved": Document,
    "tool_calls": ToolCall,
    "usage": Usage,
    "error": TargetFailure,
}


_PLAIN = ("span_id", "parent_id", "name", "kind", "start_s", "duration_s", "error", "model")


def span_content(span: Span) -> dict[str, Json]:
    """Give what is known of a span as JSON; `restored_span` reads it back."""
    content = {name: v for name in _PLAIN if (v := getattr(span, name)) is not None}
    if span.kind == "span":
        del content["kind"]
    for name in ("input", "output"):
        if (value := getattr(span, name)) is not NOT_CAPTURED:
            content[name] = value
    for name in ("tool_call", "usage"):
        if (part := getattr(span, name)) is not None:
            content[name] = _fields(part)
    if span.retrieved is not None:
        content["retrieved"] = [_fields(each) for each in span.retrieved]
    if span.messages or span.tools:
        content["messages"] = [_message_content(each) for each in span.messages]
        content["tools"] = [_fields(each) for each in span.tools]
    if span.attributes:
        content["attributes"] = dict(span.attributes)
    if span.is_truncated:
        content["is_truncated"] = True
    return content


def _message_content(message: Message) -> dict[str, Json]:
    content = _fields(message) | {"content": message.content}
    calls = [_fields(call) for call in message.tool_calls]
    return {
        **{k: v for k, v in content.items() if k != "tool_calls"},
        **({"tool_calls": calls} if calls else {}),
    }


def restored_span(content: Mapping[str, Json]) -> Span:
    """Make the span that `span_content` gave this content of."""
    parts = dict(content)
    if (call := parts.get("tool_call")) is not None:
        parts["tool_call"] = ToolCall(**call)
    if (usage := parts.get("usage")) is not None:
        parts["usage"] = Usage(**usage)
    if (messages := parts.get("messages")) is not None:
        parts["messages"] = tuple([_restored_message(each) for each in messages])
    if (tools := parts.get("tools")) is not None:
        parts["tools"] = tuple([ToolSpec(**each) for each in tools])
    if (retrieved := parts.get("retrieved")) is not None:
        parts["retrieved"] = tuple([Document(**each) for each in retrieved])
    return Span(**parts)


def _restored_message(content: Mapping[str, Any]) -> Message:
    if calls := content.get("tool_calls"):
        return Message(**{**content, "tool_calls": tuple([ToolCall(**call) for call in calls])})
    return Message(**content)


def _fields(noun: object) -> dict[str, Json]:
    """The fields of a noun that are set."""
    found = {f.name: getattr(noun, f.name) for f in fields(noun)}  # type: ignore[arg-type]  # our own dataclasses
    return {
        name: value
        for name, value in found.items()
        if value is not None and value != {} and value != ""
    }


_TRACE_PARTS: Mapping[str, Callable[[Any], Json]] = {
    "retrieved": lambda documents: [_fields(each) for each in documents],
    "tool_calls": lambda calls: [_fields(each) for each in calls],
    "usage": _fields,
    "error": _fields,
    "latency_s": float,
    "ttft_s": float,
}

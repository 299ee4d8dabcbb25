"""A conversation with a language model: what is asked, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .case import ToolCall
from .documents import Json
from .trace import Message, ToolSpec, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a model is asked."""

    messages: Sequence[Message]
    """The conversation so far."""
    tools: Sequence[ToolSpec] = ()
    """The tools that it may call."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """Further parameters, by the provider's own names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """What a model answers."""

    text: str
    """The text; empty when it only calls tools."""
    tool_calls: tuple[ToolCall, ...] = ()
    """The tools that it calls, with arguments."""
    usage: Usage | None = None
    """Tokens and cost, as far as they are known."""
    model: str | None = None
    """The model's full name, as the provider says."""
    request_id: str | None = None
    """The provider's id of the request."""
    stop_reason: str | None = None
    """Why it stopped, in the provider's words."""
    ttft_s: float | None = None
    """Seconds until the first token, when streamed."""

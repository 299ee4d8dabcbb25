"""What one dialect has to say of a span; another one may say the rest."""

from dataclasses import dataclass, fields, replace
from typing import Any

from regrade.domain import (
    NOT_CAPTURED,
    Document,
    Json,
    Message,
    SpanKind,
    ToolCall,
    ToolSpec,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """What is known of a span; None and NOT_CAPTURED leave it to others."""

    kind: SpanKind | None = None
    """What sort of step it is."""
    input: Json = NOT_CAPTURED
    """What it was given."""
    output: Json = NOT_CAPTURED
    """What it gave."""
    messages: tuple[Message, ...] | None = None
    """The messages that a model was sent."""
    tools: tuple[ToolSpec, ...] | None = None
    """The tools that a model was offered."""
    model: str | None = None
    """The model that answered."""
    retrieved: tuple[Document, ...] | None = None
    """The documents that it found."""
    tool_call: ToolCall | None = None
    """The call of a tool that it is."""
    usage: Usage | None = None
    """Tokens and cost."""

    def or_else(self, other: "Partial") -> "Partial":
        """Fill in what is not known by what another dialect says."""
        known: dict[str, Any] = {}
        for name in _NAMES:
            value = getattr(self, name)
            is_unsaid = value is None or value is NOT_CAPTURED
            known[name] = getattr(other, name) if is_unsaid else value
        if self.usage is not None and other.usage is not None:
            known["usage"] = _filled(self.usage, other.usage)
        return Partial(**known)


def _filled(usage: Usage, other: Usage) -> Usage:
    """Fill in counts that are not known; a cost comes with who says so."""
    if usage.cost_usd is None and other.cost_usd is not None:
        usage = replace(usage, cost_usd=other.cost_usd, priced_by=other.priced_by)
    if usage.cached_tokens is None:
        usage = replace(usage, cached_tokens=other.cached_tokens)
    return usage


_NAMES = tuple(f.name for f in fields(Partial))
NOTHING = Partial()
"""Says nothing."""

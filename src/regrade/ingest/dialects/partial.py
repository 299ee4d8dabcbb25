"""What one dialect has to say of a span; another one may say the rest."""

from dataclasses import dataclass, fields

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
        known = {}
        for f in fields(self):
            value = getattr(self, f.name)
            is_unsaid = value is None or value is NOT_CAPTURED
            known[f.name] = getattr(other, f.name) if is_unsaid else value
        return Partial(**known)


NOTHING = Partial()
"""Says nothing."""

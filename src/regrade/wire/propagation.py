"""The context of a recorded attempt, handed on to another process as W3C Trace Context says, and the
steps that such a process hands back.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from regrade.domain import Span

_handed_back: ContextVar["HandedBack | None"] = ContextVar("handed_back", default=None)


def traceparent() -> Mapping[str, str]:
    """Give the header `traceparent` of the attempt that is being recorded; nothing where none is.

    Source: W3C Trace Context, section 3.2.
    """
    if "opentelemetry.trace" not in sys.modules:  # then nobody records
        return {}
    from opentelemetry import trace  # noqa: PLC0415  loaded already

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    flags = f"{int(context.trace_flags):02x}"
    return {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags}"}


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The steps of an attempt that other processes recorded."""

    began_ns: int
    """When the attempt began, in nanoseconds since 1970."""
    spans: list[Span]
    """Their spans, in seconds after that."""


@contextmanager
def awaiting_spans(began_ns: int) -> Iterator[HandedBack]:
    """Collect what other processes hand back of the attempt that is recorded in this context."""
    handed_back = HandedBack(began_ns, [])
    token = _handed_back.set(handed_back)
    try:
        yield handed_back
    finally:
        _handed_back.reset(token)


def hand_back(spans: Sequence[Span], began_ns: int) -> None:
    """Give the spans of another process on this machine, in seconds after `began_ns`, to the
    recording of this context; nothing happens where none is.
    """
    waiting = _handed_back.get()
    if waiting is not None:
        shift = (began_ns - waiting.began_ns) / 1e9
        waiting.spans.extend(replace(span, start_s=span.start_s + shift) for span in spans)

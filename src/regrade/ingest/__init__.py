"""Foreign spans in, ours out: bytes and objects of OpenTelemetry become Span and Trace.

One dialect, one file; pure and lenient: what cannot be read is left out, and nothing else with it.
`capture` loads the OpenTelemetry SDK and is imported by its own name where it is needed.
"""

from .assembling import Assembled, assembled, with_events
from .raw import RawEvent, RawSpan, event_content, raw_content, restored_event, restored_raw
from .spans import to_spans
from .views import seen_by

__all__ = [
    "Assembled",
    "RawEvent",
    "RawSpan",
    "assembled",
    "event_content",
    "raw_content",
    "restored_event",
    "restored_raw",
    "seen_by",
    "to_spans",
    "with_events",
]

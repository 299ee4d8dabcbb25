"""The context of a recorded attempt, handed on to another process as W3C Trace Context says."""

import sys
from collections.abc import Mapping


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

"""Ids, and what is no message at all."""

import re

from regrade.domain.errors import UsageError

_HEX = re.compile(r"[0-9a-f]+")


class MalformedError(UsageError):
    """A body is no message of the protocol."""


def fault_of(trace_id: str, span_id: str) -> str | None:
    """Say what is wrong with the ids of a span, in lower-case hexadecimal; None where nothing is."""
    for name, value, digits in (("trace id", trace_id, 32), ("span id", span_id, 16)):
        if len(value) != digits or not _HEX.fullmatch(value):
            return f"its {name} is {value[:40]!r}; it has {digits} hexadecimal digits"
        if not value.strip("0"):
            return f"its {name} is zero"
    return None

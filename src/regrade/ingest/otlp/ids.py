"""Ids and times, and what is no message at all."""

import re

from regrade.domain.errors import UsageError

_HEX = re.compile(r"[0-9a-f]+")


class MalformedError(UsageError):
    """A body is no message of the protocol."""


LATEST_NS = 7_258_118_400 * 10**9
"""The year 2200, in nanoseconds since 1970: no clock is so far ahead."""


def time_fault_of(*times: int) -> str | None:
    """Say what is wrong with the times of a span; None where nothing is."""
    wrong = next((each for each in times if not 0 <= each <= LATEST_NS), None)
    if wrong is None:
        return None
    return f"its time {str(wrong)[:40]} is no nanoseconds since 1970, up to the year 2200"


def fault_of(trace_id: str, span_id: str) -> str | None:
    """Say what is wrong with the ids of a span, in lower-case hexadecimal; None where nothing is."""
    for name, value, digits in (("trace id", trace_id, 32), ("span id", span_id, 16)):
        if len(value) != digits or not _HEX.fullmatch(value):
            return f"its {name} is {value[:40]!r}; it has {digits} hexadecimal digits"
        if not value.strip("0"):
            return f"its {name} is zero"
    return None

"""Durations as people write them: `250ms`, `60s`, `5m`, `1h30m`, `30d`; a bare number is
seconds.
"""

import re
from functools import lru_cache

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@lru_cache(maxsize=256)
def read_duration(value: str | float) -> float:
    """Give the seconds of a duration.

    Raises: ValueError with what to write instead.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    else:
        text = str(value).replace(" ", "")
        parts = _PART.findall(text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise ValueError(
                f"{value!r} is not a duration; write one such as 250ms, 60s, 5m or 1h30m"
            )
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if not 0 < seconds < float("inf"):
        raise ValueError(f"{value!r} is not a duration above zero")
    return seconds


def show_duration(seconds: float) -> str:
    """Write seconds for people: `3.2 ms`, `1.25 s`, `4 min 10 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"

"""An estimate: a value, its interval and what it rests on. No data is None, never zero."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval."""

    value: float | None
    """The estimate; None without data."""
    low: float | None
    """The lower end of the 95 % interval; None when it has none."""
    high: float | None
    """The upper end of the 95 % interval; None when it has none."""
    n: int
    """How many observations it rests on."""
    clusters: int | None = None
    """How many independent groups these fall into; None when each stands for itself."""
    method: str = ""
    """The method's name, as in docs/statistics.md."""

"""What a simulation finds: rows of a table, with their Monte Carlo error."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One situation: what ours does, and what others do."""

    situation: str
    """What is simulated."""
    ours: Mapping[str, float]
    """Coverage, error or power of our methods, by function."""
    naive: Mapping[str, float]
    """The same of what is often done instead."""
    repeats: int | None
    """Simulations; None where every outcome was enumerated."""
    target: str
    """What is aimed at."""

    def error_of(self, share: float) -> float:
        """The standard error of a simulated share."""
        return 0.0 if self.repeats is None else math.sqrt(share * (1 - share) / self.repeats)


@dataclass(frozen=True)
class Section:
    """Rows that answer one question."""

    title: str
    """The question."""
    what: str
    """What the figures are."""
    rows: tuple[Row, ...]
    """The situations."""
    note: str = ""
    """What to make of it."""

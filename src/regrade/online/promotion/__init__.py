"""Failures of live traffic that become regression cases."""

from .grouping import live_failures, traces_of
from .loop import closed_loops
from .promoting import (
    SERVER,
    Promoted,
    Promotion,
    chosen,
    keep_promotion,
    promote,
    promote_into,
)
from .writing import append_cases, case_row

__all__ = [
    "SERVER",
    "Promoted",
    "Promotion",
    "append_cases",
    "case_row",
    "chosen",
    "closed_loops",
    "keep_promotion",
    "live_failures",
    "promote",
    "promote_into",
    "traces_of",
]

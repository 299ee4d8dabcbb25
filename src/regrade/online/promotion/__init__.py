"""Failures of live traffic that become regression cases."""

from .grouping import live_failures, traces_of
from .loop import closed_loops
from .promoting import Promoted, Promotion, chosen, keep_promotion, promote
from .writing import append_cases, case_row

__all__ = [
    "Promoted",
    "Promotion",
    "append_cases",
    "case_row",
    "chosen",
    "closed_loops",
    "keep_promotion",
    "live_failures",
    "promote",
    "traces_of",
]

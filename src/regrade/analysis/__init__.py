"""Findings: runs in, estimates out. Pure."""

from .attribution import NO_COMPONENT
from .items import ItemFindings, RunOutcomes, examine_items
from .rates import rate_estimate
from .summary import summarize

__all__ = [
    "NO_COMPONENT",
    "ItemFindings",
    "RunOutcomes",
    "examine_items",
    "rate_estimate",
    "summarize",
]

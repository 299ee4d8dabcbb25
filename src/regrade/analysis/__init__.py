"""Findings: runs in, estimates out. Pure."""

from .attribution import NO_COMPONENT
from .rates import rate_estimate
from .summary import summarize

__all__ = ["NO_COMPONENT", "rate_estimate", "summarize"]

"""Findings: runs in, estimates out. Pure."""

from .attribution import NO_COMPONENT
from .summary import rate_estimate, summarize

__all__ = ["NO_COMPONENT", "rate_estimate", "summarize"]

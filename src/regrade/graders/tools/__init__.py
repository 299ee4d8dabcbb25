"""Graders of what a system did with its tools."""

from .calls import ToolCalls

__all__ = ["ToolCalls"]

"""Reports: what a run says, for people and for programs.

The terminal reports load rich, the document loads pydantic; both are imported by their own names where they are needed.
"""

from .plain import one_line, printable

__all__ = ["one_line", "printable"]

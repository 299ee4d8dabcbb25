"""Reports: what a run says, for people and for programs.

The terminal reports load rich, and are imported by their own names where they are needed.
"""

from .document import run_document, run_schema
from .plain import one_line, printable

__all__ = ["one_line", "printable", "run_document", "run_schema"]

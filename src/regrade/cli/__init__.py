"""The command line: one command, one file. A command parses, calls one verb, renders and gives an
exit code.
"""

from .root import main

__all__ = ["main"]

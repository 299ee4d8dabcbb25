"""Functions that users write, as targets and as graders: found by name, told apart by their code,
and called where
they can block nobody.
"""

from .calling import call
from .lookup import find_function
from .source import code_version
from .threads import UncontainedError, abandoned_threads

__all__ = ["UncontainedError", "abandoned_threads", "call", "code_version", "find_function"]

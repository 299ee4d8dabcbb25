"""The systems under test: each answers one case at a time.

`http` loads an HTTP client, and is imported by its own name where it is needed.
"""

from .process import ProcessTarget
from .python import PythonTarget
from .recorded import RecordedTarget

__all__ = ["ProcessTarget", "PythonTarget", "RecordedTarget"]

"""The systems under test: each answers one case at a time."""

from .http import HttpTarget
from .process import ProcessTarget
from .python import PythonTarget
from .recorded import RecordedTarget

__all__ = ["HttpTarget", "ProcessTarget", "PythonTarget", "RecordedTarget"]

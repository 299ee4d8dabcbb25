"""The systems under test: each answers one case at a time.

`http` loads an HTTP client, and is imported by its own name where it is needed.
"""

from .chat import ChatTarget
from .command import CommandTarget
from .component import ComponentTarget
from .gold import GoldTarget
from .process import ProcessTarget
from .python import PythonTarget
from .recorded import RecordedTarget

__all__ = [
    "ChatTarget",
    "CommandTarget",
    "ComponentTarget",
    "GoldTarget",
    "ProcessTarget",
    "PythonTarget",
    "RecordedTarget",
]

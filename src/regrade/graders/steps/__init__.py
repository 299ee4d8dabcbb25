"""Graders of the steps that were recorded: the way that the system took, and what it asked its
models.
"""

from .request import Request
from .trajectory import Trajectory

__all__ = ["Request", "Trajectory"]

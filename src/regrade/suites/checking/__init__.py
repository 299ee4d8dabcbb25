"""What can be said of a suite before it is run."""

from .coverage import Finding, examine

__all__ = ["Finding", "examine"]

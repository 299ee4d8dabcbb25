"""What can be said of a suite before it is run."""

from .coverage import examine
from .evidence import by_experience
from .finding import Finding

__all__ = ["Finding", "by_experience", "examine"]

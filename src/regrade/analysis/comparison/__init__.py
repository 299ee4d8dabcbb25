"""Two runs over the same cases: what changed, and how sure that is. Loads numpy and scipy, and is
imported by its own name.
"""

from .compare import compare
from .ranking import rank

__all__ = ["compare", "rank"]

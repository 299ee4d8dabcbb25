"""Graders of retrieval: what was found, in which order, and what the answer made of it."""

from .citations import Citations
from .freshness import Fresh
from .grounding import GroundedNumbers
from .ranking import HitAtK, Map, Mrr, Ndcg, PrecisionAtK, RecallAtK
from .utilization import ContextUtilization

__all__ = [
    "Citations",
    "ContextUtilization",
    "Fresh",
    "GroundedNumbers",
    "HitAtK",
    "Map",
    "Mrr",
    "Ndcg",
    "PrecisionAtK",
    "RecallAtK",
]

"""How close an answer is to a reference: measures with names, definitions and sources."""

from .measures import MEASURES, Measure
from .similarity import Similarity

__all__ = ["MEASURES", "Measure", "Similarity"]

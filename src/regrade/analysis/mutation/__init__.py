"""How good a suite is itself: good traces are broken on purpose, and its graders have to notice."""

from .breaks import BREAKS, Break
from .findings import BreakResult, GraderResult, Mutation, mutation_of
from .making import Broken, broken_traces, sampled

__all__ = [
    "BREAKS",
    "Break",
    "BreakResult",
    "Broken",
    "GraderResult",
    "Mutation",
    "broken_traces",
    "mutation_of",
    "sampled",
]

"""The gate: rules over a run and its comparison, each failed, passed, or without enough evidence.

A rule about a rate fails only when the bound on the good side misses it, and passes only when the bound
on the bad side holds it; a regression fails only when it is proven and more than tolerated, and passes
only when everything more is ruled out. Loads numpy and scipy, and is imported by its own name.
"""

from .error import alpha_of, detectable_drop, never, promise
from .judges import Standing
from .judging import judge_gate
from .looks import levels_of, pooled

__all__ = [
    "Standing",
    "alpha_of",
    "detectable_drop",
    "judge_gate",
    "levels_of",
    "never",
    "pooled",
    "promise",
]

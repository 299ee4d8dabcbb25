"""The engine of runs: cases in, attempts out."""

from .cache import CacheUse
from .engine import BATCH_S, Engine, InFlight, regrading
from .executors import Batches
from .grading import Judgement, cost_of, grade_trace, opened_models
from .order import Work, random_order, stratified_order
from .progress import Progress, Tally

__all__ = [
    "BATCH_S",
    "Batches",
    "CacheUse",
    "Engine",
    "InFlight",
    "Judgement",
    "Progress",
    "Tally",
    "Work",
    "cost_of",
    "grade_trace",
    "opened_models",
    "random_order",
    "regrading",
    "stratified_order",
]

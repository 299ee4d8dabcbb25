"""Language models as judges, where nothing simpler proves correctness."""

from .judge import Judge
from .pairwise import Pairwise
from .rubric import Rubric, read_rubric, ready_rubrics
from .several import Cascade, Panel
from .verdicts import JudgeError, ObedientJudgeError

__all__ = [
    "Cascade",
    "Judge",
    "JudgeError",
    "ObedientJudgeError",
    "Pairwise",
    "Panel",
    "Rubric",
    "read_rubric",
    "ready_rubrics",
]

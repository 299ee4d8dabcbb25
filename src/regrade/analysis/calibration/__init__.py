"""Judges measured against people: how far they agree, what follows for their rates, whether they are good
enough, and what to label next. Loads numpy and scipy, and is imported by its own name.
"""

from .again import Again, judged_again
from .biases import Bias
from .items import JUDGES, Item, Labelled, consensus, human_scores, items_of, judged_criteria
from .measuring import Calibration, Evidence, Level, SliceAgreement, calibrate
from .people import PeopleAgreement, people_agreement
from .scores import ScoreCalibration
from .solving import NOT_OF_ANSWERS, Solver, solved
from .words import calibration_words, own_family_fault

__all__ = [
    "JUDGES",
    "NOT_OF_ANSWERS",
    "Again",
    "Bias",
    "Calibration",
    "Evidence",
    "Item",
    "Labelled",
    "Level",
    "PeopleAgreement",
    "ScoreCalibration",
    "SliceAgreement",
    "Solver",
    "calibrate",
    "calibration_words",
    "consensus",
    "human_scores",
    "items_of",
    "judged_again",
    "judged_criteria",
    "own_family_fault",
    "people_agreement",
    "solved",
]

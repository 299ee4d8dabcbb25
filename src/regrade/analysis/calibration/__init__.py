"""Judges measured against people: how far they agree, what follows for their rates, whether they are good
enough, and what to label next. Loads numpy and scipy, and is imported by its own name.
"""

from .items import Item, Labelled, consensus, items_of, judged_criteria
from .measuring import Calibration, Level, SliceAgreement, calibrate
from .people import PeopleAgreement, people_agreement
from .words import calibration_words

__all__ = [
    "Calibration",
    "Item",
    "Labelled",
    "Level",
    "PeopleAgreement",
    "SliceAgreement",
    "calibrate",
    "calibration_words",
    "consensus",
    "items_of",
    "judged_criteria",
    "people_agreement",
]

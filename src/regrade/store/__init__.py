"""The store: the only room that speaks SQL."""

from .databases import sqlite_version
from .live.deliveries import Delivery
from .live.jobs import Job
from .live.keys import Key
from .live.spans import EventIn, SpanIn
from .live.tallies import TallyRow, WatchRow
from .live.traces import Due
from .outcomes import CaseInRun
from .people import SavedView
from .store import Store

__all__ = [
    "CaseInRun",
    "Delivery",
    "Due",
    "EventIn",
    "Job",
    "Key",
    "SavedView",
    "SpanIn",
    "Store",
    "TallyRow",
    "WatchRow",
    "sqlite_version",
]

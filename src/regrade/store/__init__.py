"""The store: the only room that speaks SQL."""

from .databases import sqlite_version
from .live.jobs import Job
from .live.keys import Key
from .live.spans import EventIn, SpanIn
from .live.traces import Due
from .store import Store

__all__ = ["Due", "EventIn", "Job", "Key", "SpanIn", "Store", "sqlite_version"]

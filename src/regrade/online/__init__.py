"""Live traffic: received, kept, closed, chosen, graded."""

from .closing import Closer, Timing
from .live_traces import LoadedTrace, Recent, checks_of, load_trace, redecide
from .receiving import BusyError, Receiver
from .watching import Watched, keep_monitors, watched
from .working import Worker

__all__ = [
    "BusyError",
    "Closer",
    "LoadedTrace",
    "Receiver",
    "Recent",
    "Timing",
    "Watched",
    "Worker",
    "checks_of",
    "keep_monitors",
    "load_trace",
    "redecide",
    "watched",
]

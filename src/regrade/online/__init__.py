"""Live traffic: received, kept, closed, chosen, graded."""

from .backfilling import Backfill, backfill
from .closing import Closer, Timing
from .live_traces import LoadedTrace, Recent, checks_of, delete_user, keep_feedback, load_trace
from .rates import LiveRate, live_rates
from .receiving import BusyError, Receiver
from .upkeep import Upkeep
from .watching import Watched, keep_file, keep_monitors, watched
from .working import Worker

__all__ = [
    "Backfill",
    "BusyError",
    "Closer",
    "LiveRate",
    "LoadedTrace",
    "Receiver",
    "Recent",
    "Timing",
    "Upkeep",
    "Watched",
    "Worker",
    "backfill",
    "checks_of",
    "delete_user",
    "keep_feedback",
    "keep_file",
    "keep_monitors",
    "live_rates",
    "load_trace",
    "watched",
]

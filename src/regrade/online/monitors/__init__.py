"""Rates of live traffic on a clock: counted by tick, watched by detectors, told with their evidence."""

from .clock import EventClock
from .estimates import MonitorEstimates, monitor_estimates
from .tallying import Tallier
from .ticking import Ticker

__all__ = ["EventClock", "MonitorEstimates", "Tallier", "Ticker", "monitor_estimates"]

"""Rates of live traffic on a clock: counted by tick, watched by detectors, told with their evidence."""

from .anchors import AnchorJudge
from .clock import EventClock
from .findings import backtest, canary, monitor_estimates
from .tallying import Tallier
from .ticking import Ticker

__all__ = [
    "AnchorJudge",
    "EventClock",
    "Tallier",
    "Ticker",
    "backtest",
    "canary",
    "monitor_estimates",
]

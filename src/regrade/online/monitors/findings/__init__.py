"""What is shown of monitors: rates by now, what they would have said, versions compared."""

from .backtesting import backtest
from .canary import canary
from .estimates import monitor_estimates

__all__ = ["backtest", "canary", "monitor_estimates"]

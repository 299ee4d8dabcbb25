"""Files of monitors: which live traces are looked at, what judges them, what raises alerts, who is told."""

from .monitors import build_monitor, read_monitors

__all__ = ["build_monitor", "read_monitors"]

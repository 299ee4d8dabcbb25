"""Live traffic as rows: spans as they came, traces, decisions, work to do, feedback, keys."""

from .live import LiveRows

__all__ = ["LiveRows"]

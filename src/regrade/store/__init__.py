"""The store: the only room that speaks SQL."""

from .store import Store

__all__ = ["Store"]

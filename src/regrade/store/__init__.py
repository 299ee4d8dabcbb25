"""The store: the only room that speaks SQL."""

from .databases import sqlite_version
from .store import Store

__all__ = ["Store", "sqlite_version"]

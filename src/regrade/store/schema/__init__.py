"""The history of the tables, step by step."""

from .migrations import MIGRATIONS, NEWEST, Migration

__all__ = ["MIGRATIONS", "NEWEST", "Migration"]

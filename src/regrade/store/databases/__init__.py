"""Databases: one file of SQLite, or Postgres; the store speaks to both alike."""

from .connection import Chunk, Connection, Row, in_chunks
from .opening import is_postgres, open_connection
from .sqlite import sqlite_version

__all__ = [
    "Chunk",
    "Connection",
    "Row",
    "in_chunks",
    "is_postgres",
    "open_connection",
    "sqlite_version",
]

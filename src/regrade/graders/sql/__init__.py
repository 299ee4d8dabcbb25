"""SQL that a system writes, judged by what it reads and what it gives."""

from .sql import Sql

__all__ = ["Sql"]

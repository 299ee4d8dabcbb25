"""Suites: what users write, turned into what runs."""

from .checking import Finding, by_experience, examine
from .components import Judges
from .datasets import load_dataset
from .file import load_judges, load_suite, make_suite
from .live import build_monitor, read_monitors
from .schema import case_schema, suite_schema
from .starting import TASKS, write_starter

__all__ = [
    "TASKS",
    "Finding",
    "Judges",
    "build_monitor",
    "by_experience",
    "case_schema",
    "examine",
    "load_dataset",
    "load_judges",
    "load_suite",
    "make_suite",
    "read_monitors",
    "suite_schema",
    "write_starter",
]

"""A run is all attempts of one suite version on one target version."""

from collections.abc import Sequence
from dataclasses import dataclass

from .attempt import Attempt, RunHeader
from .case import Dataset
from .summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All attempts of one suite version on one target version, and what they say."""

    header: RunHeader
    """What is known about it."""
    dataset: Dataset
    """The cases."""
    attempts: Sequence[Attempt]
    """What was tried, in no particular order."""
    summary: Summary
    """What it says."""

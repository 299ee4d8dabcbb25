"""What the server counts, for `/metrics`."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Counted since the start."""

    rejected: int = 0
    """Spans and records that could not be kept."""
    refused: int = 0
    """Requests that were sent away under pressure."""
    unreadable: int = 0
    """Bodies that were no message."""

"""Where attempts are made: here, in this process."""

from .local import Batches, run_local

__all__ = ["Batches", "run_local"]

"""What `check` has to say, one thing at a time."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `check` has to say."""

    level: Literal["error", "warning", "note"]
    """Errors stop a run, warnings do not, notes only inform."""
    message: str
    """What was found and what to do."""

"""Write a report into a file."""

from pathlib import Path

from regrade.domain.errors import UsageError


def write(path: Path, text: str) -> None:
    """Write a report.

    Raises: UsageError when that is not possible.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None

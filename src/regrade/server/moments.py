"""Moments as requests name them."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator


def in_utc(moment: datetime) -> datetime:
    """Give a moment with its zone, UTC where it has none.

    Raises: ValueError before 1970 and after 2200.
    """
    found = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1970 <= found.year < 2200:
        raise ValueError("a moment lies between 1970 and 2200")
    return found


Moment = Annotated[datetime, AfterValidator(in_utc)]

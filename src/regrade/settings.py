"""Settings of the program, not of a suite: one table, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from regrade.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    """The environment variable."""
    default: str
    """Its value when it is not set."""
    unit: str
    """What it is measured in."""
    help: str
    """What it does."""


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "REGRADE_DB",
        ".regrade/regrade.db",
        "path",
        "The database: a SQLite file, or `postgresql://…` (15 or newer).",
    ),
    Setting(
        "REGRADE_PRICES",
        "",
        "path",
        'Your own prices: a JSON object of `provider:model` to `{"input": 1.5, "output": 6, "cached_input": 0.4}`, '
        "in US dollars for a million tokens. They go before the table that comes along.",
    ),
    Setting(
        "REGRADE_CLOCK",
        "",
        "rate@start",
        "A clock of live traffic that runs faster than the machine's, for demonstrations: `60@1764160000` runs sixty "
        "times as fast since that second. Whoever sends traces dates them by the same clock.",
    ),
    Setting(
        "REGRADE_STUCK_AFTER",
        "30",
        "seconds",
        "After how long without news a waiting attempt is named.",
    ),
)


def setting(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Give the value of a setting."""
    found = {each.name: each for each in SETTINGS}[name]
    return (os.environ if environment is None else environment).get(name) or found.default


def database() -> Path | str:
    """Give the path of the database, or its address where it is Postgres.

    Raises: UsageError for another kind of database.
    """
    value = setting("REGRADE_DB")
    if value.startswith(("postgresql://", "postgres://")):
        return value
    if "://" in value:
        raise UsageError(
            f"REGRADE_DB is {value.split('://')[0]}://…; it is the path of a SQLite file, or postgresql://…"
        )
    return Path(value)


def prices_path() -> Path | None:
    """Give the path of the user's own prices, or None."""
    value = setting("REGRADE_PRICES")
    return Path(value) if value else None


def stuck_after_s() -> float:
    """Give the seconds after which a waiting attempt is named.

    Raises: UsageError.
    """
    value = setting("REGRADE_STUCK_AFTER")
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"REGRADE_STUCK_AFTER is {value!r}; it is a number of seconds") from None

"""What this installation has, and what keeps a suite from running."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from regrade.domain import Suite
from regrade.domain.errors import StoreError, TargetSetupError, UsageError
from regrade.settings import SETTINGS, database, prices_path
from regrade.store import sqlite_version

from .stored import open_store

EXTRAS: dict[str, Sequence[str]] = {
    "embed": ("tokenizers", "safetensors"),
    "parquet": ("pyarrow",),
    "pii": ("phonenumbers",),
    "sql": ("sqlglot",),
}
"""What each extra brings."""
_PARTS = ("aiohttp", "apsw", "click", "jinja2", "numpy", "pydantic", "rich", "scipy")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was looked at."""

    group: str
    """What it belongs to: program, database, extras, keys, prices, target."""
    name: str
    """What was looked at."""
    value: str
    """What was found."""
    is_fault: bool = False
    """Whether it must be mended."""


async def examine_installation(suite: Suite | None = None) -> list[Fact]:
    """Look at the program, its database, extras, keys (never their values) and prices, and at the
    endpoint of a suite; nothing is asked and nothing is written.
    """
    facts = [*_program(), *_database(), *_extras(), *_settings(), *_keys(), *_prices()]
    if suite is not None:
        facts.append(await _target(suite))
    return facts


def _program() -> Iterator[Fact]:
    yield Fact("program", "regrade", metadata.version("regrade"))
    yield Fact("program", "python", f"{platform.python_version()} on {platform.platform()}")
    yield Fact("program", "sqlite", sqlite_version())
    for name in _PARTS:
        yield Fact("program", name, metadata.version(name))


def _database() -> Iterator[Fact]:
    try:
        place = database()
    except UsageError as error:
        yield Fact("database", "REGRADE_DB", str(error), is_fault=True)
        return
    if isinstance(place, Path) and not place.exists():
        yield Fact("database", str(place), "not there yet; the first run makes it")
        return
    try:
        with open_store() as store:
            runs, facts, shown = len(store.headers()), store.facts, store.shown
        size = f"{place.stat().st_size / 1e6:.1f} MB" if isinstance(place, Path) else None
        yield Fact("database", shown, f"{runs:,} runs, {size or facts['server_version']}")
    except StoreError as error:
        shown = str(place) if isinstance(place, Path) else "REGRADE_DB"
        yield Fact("database", shown, str(error), is_fault=True)


def _extras() -> Iterator[Fact]:
    for extra, packages in EXTRAS.items():
        found = [(name, _version(name)) for name in packages]
        if all(version for _, version in found):
            yield Fact("extras", extra, ", ".join(f"{name} {version}" for name, version in found))
        else:
            yield Fact("extras", extra, f"not installed: pip install 'regrade[{extra}]'")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _settings() -> Iterator[Fact]:
    for each in SETTINGS:
        if value := os.environ.get(each.name):
            yield Fact("settings", each.name, value)


def _keys() -> Iterator[Fact]:
    from regrade.chat.providers import PROVIDERS  # noqa: PLC0415  the tables of chat models

    for name in sorted({p.key for p in PROVIDERS.values() if p.key is not None}):
        yield Fact("keys", name, "set" if os.environ.get(name, "").strip() else "not set")


def _prices() -> Iterator[Fact]:
    from regrade.chat.prices import read_prices, table_name  # noqa: PLC0415  half a second

    yield Fact("prices", "table", table_name())
    if (own := prices_path()) is not None:
        try:
            yield Fact("prices", "your own", f"{len(read_prices(own))} models in {own}")
        except UsageError as error:
            yield Fact("prices", "your own", str(error), is_fault=True)


async def _target(suite: Suite) -> Fact:
    name = suite.outline.name
    try:
        await suite.target.reach()
    except TargetSetupError as error:
        return Fact("target", name, str(error), is_fault=True)
    return Fact("target", name, "is there")

"""What is set, where it was set, and what could be."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.chat.prices import table_date
from regrade.domain.live import Alerting, ProjectSettings
from regrade.settings import SETTINGS, Setting, setting
from regrade.store import Key, Store


@dataclass(frozen=True, slots=True)
class SettingNow:
    """A setting of the program, and where its value comes from."""

    setting: Setting
    """The setting."""
    value: str
    """Its value; without a password."""
    origin: str
    """The environment, or the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """Everything that is set."""

    projects: Sequence[str]
    """The names of all projects."""
    project: str
    """The one that is looked at."""
    kept: ProjectSettings
    """What is kept of its traffic."""
    kept_origin: str
    """Where that was said."""
    alerting: Alerting
    """Who is told."""
    alerting_origin: str
    """Where that was said."""
    monitors: Sequence[tuple[str, str]]
    """Monitors, each with where it was written."""
    keys: Sequence[tuple[Key, bool]]
    """Keys, and whether each is good."""
    settings: Sequence[SettingNow]
    """Settings of the program."""
    prices: str
    """Where prices come from."""


DEFAULT = "the default: nobody said otherwise"


def configured(store: Store, project: int) -> Configured:
    """Say what is set for a project, and where."""
    live, now = store.live, datetime.now(UTC)
    names = live.projects.names()
    documents = live.decisions.monitors(project)
    own = setting("REGRADE_PRICES")
    return Configured(
        projects=[*names],
        project=next(name for name, number in names.items() if number == project),
        kept=live.projects.settings(project),
        kept_origin=live.projects.origin(project) or DEFAULT,
        alerting=live.alerts.alerting(project),
        alerting_origin=live.alerts.alerting_origin(project) or DEFAULT,
        monitors=[(name, each.get("origin") or each["folder"]) for name, each in documents.items()],
        keys=[(key, key.is_good(now)) for key in live.keys.all() if key.project == project],
        settings=[_now(each, store) for each in SETTINGS],
        prices=f"{own} before the table of {table_date()}"
        if own
        else f"the table of {table_date()}",
    )


def _now(each: Setting, store: Store) -> SettingNow:
    is_set = bool(os.environ.get(each.name))
    value = store.shown if each.name == "REGRADE_DB" else setting(each.name)
    return SettingNow(each, value, "the environment" if is_set else "the default")

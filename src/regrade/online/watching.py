"""The monitors of a project, as they are kept, with their graders."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from regrade.domain import Component, Grader, Json
from regrade.domain.errors import UsageError
from regrade.domain.live import Monitor
from regrade.store import Store
from regrade.suites import build_monitor, read_monitors

READ_S = 5.0
"""Seconds after which monitors are read again."""
log = logging.getLogger("regrade.online")


@dataclass(frozen=True, slots=True)
class Watched:
    """A monitor with what judges for it."""

    monitor: Monitor
    """Which traces."""
    graders: tuple[Grader, ...]
    """What judges them."""
    components: tuple[Component, ...]
    """The stages whose spans graders of a component judge."""


def watched(store: Store, project: int) -> list[Watched]:
    """Give the monitors of a project as they are now; one whose files have been broken since is left out, and holds
    up no other.
    """
    known = _KNOWN.get(store)
    if known is None:
        known = _KNOWN[store] = Monitors(store, read_s=0.0)
    return known.of(project)


def _built(name: str, document: Mapping[str, Json]) -> Watched:
    folder = Path(document["folder"])
    built = build_monitor(name, document["monitor"], folder=folder)
    return Watched(built.monitor, built.graders, built.components)


class Monitors:
    """The monitors of projects, read again now and then, and built again where something of them changed."""

    def __init__(self, store: Store, read_s: float = READ_S) -> None:
        """Take the database, and after how many seconds it is read again."""
        self._store, self._read_s = store, read_s
        self._read: dict[int, tuple[float, list[Watched]]] = {}
        self._built: dict[tuple[int, str], tuple[object, Watched]] = {}

    def of(self, project: int) -> list[Watched]:
        """Give the monitors of a project; one that is broken is left out, and holds up no other."""
        read_at, found = self._read.get(project, (-self._read_s, []))
        if time.monotonic() - read_at >= self._read_s:
            documents = self._store.live.decisions.monitors(project)
            tried = (self._tried(project, name, each) for name, each in documents.items())
            found = [each for each in tried if each is not None]
            self._read[project] = (time.monotonic(), found)
        return found

    def _tried(self, project: int, name: str, document: Mapping[str, Json]) -> Watched | None:
        state = (document, _changed_at(document))
        known, built = self._built.get((project, name), (None, None))
        if built is None or known != state:
            try:
                built = _built(name, document)
            except UsageError as error:
                log.warning("the monitor %s is left out: %s", name, error)
                return None
            self._built[project, name] = (state, built)
        return built


def _changed_at(document: Mapping[str, Json]) -> float | None:
    """Give when the suite of a monitor was changed; None where it has none."""
    suite: str | None = document["monitor"].get("suite")
    if suite is None:
        return None
    try:
        return (Path(document["folder"]) / suite).stat().st_mtime
    except OSError:
        return 0.0


_KNOWN: WeakKeyDictionary[Store, Monitors] = WeakKeyDictionary()
"""What was built for whoever asks again and again."""


def keep_file(store: Store, project: int, path: Path) -> Sequence[Watched]:
    """Keep the monitors of a file, and what it says of what is kept and who is told.

    Raises: SuiteError with everything that is wrong; then nothing is changed.
    """
    found = read_monitors(path)
    origin = str(path.resolve())
    kept = keep_monitors(store, project, found.monitors, path.parent, origin)
    if found.settings is not None:
        store.live.projects.change(project, found.settings, origin)
    if found.alerting is not None:
        store.live.alerts.keep_alerting(project, found.alerting, origin)
    return kept


def keep_monitors(
    store: Store,
    project: int,
    documents: Mapping[str, Json],
    folder: Path,
    origin: str = "",
) -> Sequence[Watched]:
    """Keep monitors, as a file or the interface gives them; `origin` says which.

    Raises: SuiteError with everything that is wrong; then none is kept.
    """
    found = []
    for name, document in documents.items():
        built = build_monitor(name, document, folder=folder)
        found.append((Watched(built.monitor, built.graders, built.components), document))
    now_ms = time.time_ns() // 1_000_000
    with store.transaction():
        for each, document in found:
            content = {"monitor": document, "folder": str(folder.resolve()), "origin": origin}
            store.live.decisions.keep_monitor(
                project, each.monitor.name, each.monitor.version, content, now_ms
            )
    return [each for each, _ in found]

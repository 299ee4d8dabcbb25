"""Graders and targets that other packages bring, merged with our own: the entry-point groups
`regrade.graders` and
`regrade.targets`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from regrade.domain import Target
from regrade.domain.errors import UsageError
from regrade.graders import BUILTIN, Check

Factory = Callable[..., Target]
"""Makes a target of the options that the suite file gives."""


class _EntryPoint(Protocol):
    """What is needed of `importlib.metadata.EntryPoint`."""

    name: str
    value: str
    group: str

    @property
    def dist(self) -> object: ...
    def load(self) -> Any: ...


def find_grader(name: str) -> type[Check] | None:
    """Give a grader type by name: ours, or one that an installed package brings; None when there is none.

    Raises: UsageError when a package's grader cannot be loaded, or has the name of another.
    """
    return BUILTIN.get(name) or grader_types().get(name)


def grader_types() -> Mapping[str, type[Check]]:
    """Give every grader type by name: ours, and those that installed packages bring.

    Raises: UsageError when a package's grader cannot be loaded, or has the name of another.
    """
    found = dict(BUILTIN)
    for point, loaded in _plugins("regrade.graders", found):
        if not (isinstance(loaded, type) and issubclass(loaded, Check)):
            raise UsageError(
                f"the plugin {point.value} is no grader; it must be a subclass of regrade.graders.Check"
            )
        found[point.name] = loaded
    return found


def target_factories() -> Mapping[str, Factory]:
    """Give the targets that installed packages bring, by name.

    Raises: UsageError when one cannot be loaded.
    """
    found: dict[str, Factory] = {}
    for point, loaded in _plugins("regrade.targets", found):
        found[point.name] = loaded
    return found


def _plugins(group: str, known: Mapping[str, Any]) -> Iterator[tuple[_EntryPoint, Any]]:
    from importlib.metadata import entry_points  # noqa: PLC0415  slow, and needed for unknown names alone

    for point in entry_points(group=group):
        yield point, _load(point, known)


def _load(point: _EntryPoint, known: Mapping[str, Any]) -> Any:
    package = getattr(point.dist, "name", "?")
    if point.name in known:
        raise UsageError(
            f"the package {package} brings a second {point.group} named {point.name!r}"
        )
    try:
        return point.load()
    except Exception as error:  # noqa: BLE001  a stranger's module may raise anything at import
        raise UsageError(
            f"the plugin {point.value} of the package {package} cannot be loaded: {type(error).__name__}: {error}"
        ) from None

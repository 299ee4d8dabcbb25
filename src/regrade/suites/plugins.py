"""Graders and targets that other packages bring, merged with our own: the entry-point groups
`regrade.graders` and
`regrade.targets`.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..domain import Target
from ..domain.errors import UsageError
from ..graders import BUILTIN, Check

Factory = Callable[..., Target]
"""Makes a target of the options that the suite file gives."""


def grader_types() -> Mapping[str, type[Check]]:
    """Give every grader type by name: ours, and those that installed packages bring.

    Raises: UsageError when a package's grader cannot be loaded, or has the name of another.
    """
    found = dict(BUILTIN)
    for point in entry_points(group="regrade.graders"):
        loaded = _load(point, found)
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
    for point in entry_points(group="regrade.targets"):
        found[point.name] = _load(point, found)
    return found


def _load(point: EntryPoint, known: Mapping[str, Any]) -> Any:
    package = point.dist.name if point.dist else "?"
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

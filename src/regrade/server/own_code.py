"""What may come from outside: monitors of ready checks, and no code."""

from typing import Any

from regrade.graders.judge import ready_rubrics

_OWN_CODE = frozenset({"python", "sql"})
"""Graders that run code: they come from files alone."""
_FILES = frozenset({"schema", "baseline", "database", "rubric", "names", "embedder"})
"""Options that name a file or a function of the server, where they are texts."""


def code_in(monitor: dict[str, Any]) -> str | None:
    """Say what of a monitor would import or run something, or read a file: such ones come from files alone; None
    where nothing does.
    """
    if monitor.get("suite") is not None:
        return "`suite` names a file of the server; give it in a file of monitors"
    waiting: list[Any] = [monitor.get("graders")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("type") in _OWN_CODE or any(map(_names_a_file, value.items())):
                return "graders that run code, or read files, come from a file of monitors"
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return None


def _names_a_file(option: tuple[str, Any]) -> bool:
    name, value = option
    return name in _FILES and isinstance(value, str) and value not in ready_rubrics()

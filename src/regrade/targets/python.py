"""A Python function as the system under test."""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from regrade.callables import UncontainedError, call, code_version, find_function
from regrade.domain import Case, Response
from regrade.domain.errors import TargetError, TargetSetupError, UsageError

from .answers import as_response

PARAMETERS = ("input", "context", "config", "case")
"""What a function may ask for, by the names of its parameters."""


class PythonTarget:
    """Calls a function with the parameters that it names out of input, context, config and case.

    A blocking function runs in a thread, an async one on an event loop of its own, so that neither
    holds up the others.
    """

    is_live = True
    keeps_time = True

    def __init__(self, function: Callable[..., Any] | str) -> None:
        """Take the function, or `module:function`.

        Raises: TargetSetupError when it cannot be imported, or names a parameter that there is
        nothing for.
        """
        self._function = _found(function)
        self._names = wanted_parameters(self._function)
        self.version = code_version(self._function)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold nothing."""
        yield

    async def reach(self) -> None:
        """Nothing to look for: the function was found."""

    async def answer(self, case: Case, *, timeout_s: float | None) -> Response:
        """Call the function."""
        try:
            arguments = arguments_of(case, self._names)
            return as_response(await call(self._function, timeout_s=timeout_s, **arguments))
        except UncontainedError as error:
            raise TargetError(f"the target raised {error}", kind="crash") from None


def _found(function: Callable[..., Any] | str) -> Callable[..., Any]:
    if not isinstance(function, str):
        return function
    try:
        return find_function(function)
    except UsageError as error:
        raise TargetSetupError(f"the target {function!r} cannot be imported: {error}") from None


def wanted_parameters(function: Callable[..., Any]) -> dict[str, str]:
    """Say what each parameter gets: one of PARAMETERS by name; a single required one of any name
    gets the input.

    Raises: TargetSetupError.
    """
    parameters = inspect.signature(function).parameters.values()
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    wanted = {p.name: p.name for p in plain if p.name in PARAMETERS}
    others = [p.name for p in plain if p.name not in wanted and p.default is p.empty]
    if len(others) == 1 and "input" not in wanted and "case" not in wanted:
        return {others[0]: "input", **wanted}
    if others:
        name = getattr(function, "__qualname__", repr(function))
        raise TargetSetupError(
            f"{name} asks for {', '.join(others)}; a target may ask for {', '.join(PARAMETERS)}"
        )
    return wanted


def arguments_of(case: Case, names: dict[str, str]) -> dict[str, Any]:
    """Give the arguments for one case."""
    return {name: case if what == "case" else getattr(case, what) for name, what in names.items()}

"""A system one of whose components gives its known-good output instead of what it makes itself."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

from regrade.callables import call, code_version
from regrade.domain import Case, Response, content_hash

from .python import PythonTarget, arguments_of, wanted_parameters

StandingIn = Callable[[Any], AbstractContextManager[None]]
"""Makes a value stand in for what the component returns, while the context is open."""


class GoldTarget:
    """Asks a target while a known-good output stands in for one of its components; where a case has
    none (the function gives None) the component runs as it is.
    """

    is_live = True
    keeps_time = True

    def __init__(
        self, target: PythonTarget, gold: Callable[..., Any], component: str, stand_in: StandingIn
    ) -> None:
        """Take the target, the function that gives a case's known-good output, and the component.

        Raises: TargetSetupError when the function names a parameter that there is nothing for.
        """
        self._target, self._gold, self._stand_in = target, gold, stand_in
        self._names = wanted_parameters(gold)
        self.version = content_hash([target.version, component, code_version(gold)])

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Hold what the target holds."""
        return self._target.opened()

    async def reach(self) -> None:
        """Look for the target."""
        await self._target.reach()

    async def answer(self, case: Case, *, timeout_s: float | None) -> Response:
        """Find the known-good output, and ask the target with it."""
        arguments = arguments_of(case, self._names)
        value = await call(self._gold, timeout_s=timeout_s, **arguments)
        if value is None:
            return await self._target.answer(case, timeout_s=timeout_s)
        with self._stand_in(value):
            return await self._target.answer(case, timeout_s=timeout_s)

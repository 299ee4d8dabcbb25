"""Systems under test that tests are in command of."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from regrade.domain import Case, Response


class FakeTarget:
    """Answers what a function says, without a thread between."""

    is_live = True
    keeps_time = True

    def __init__(self, answer: Callable[[Case], Response], version: str = "fake-1") -> None:
        self._answer = answer
        self.version = version
        self.asked: list[str] = []
        self.is_open = False

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        self.is_open = True
        try:
            yield
        finally:
            self.is_open = False

    async def reach(self) -> None:
        return None

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        assert self.is_open
        self.asked.append(case.id)
        return self._answer(case)


def echo() -> FakeTarget:
    """A target that answers the input."""
    return FakeTarget(lambda case: Response(case.input))

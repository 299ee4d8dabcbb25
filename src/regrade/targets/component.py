"""One component of a system as the system under test."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from regrade.domain import Case, Document, Json, Response, Target
from regrade.domain.errors import NotJsonError

from .answers import as_document


class ComponentTarget:
    """Asks a target that is one component alone; a list of documents that it answers with counts as
    retrieved too, as it would in the pipeline.
    """

    def __init__(self, target: Target) -> None:
        """Take the target of the component."""
        self._target = target
        self.version = target.version
        self.is_live = target.is_live
        self.keeps_time = target.keeps_time

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Hold what the target holds."""
        return self._target.opened()

    async def reach(self) -> None:
        """Look for the target."""
        await self._target.reach()

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Ask the target."""
        response = await self._target.answer(case, timeout_s=timeout_s)
        if response.retrieved is not None:
            return response
        return replace(response, retrieved=_documents(response.output))


def _documents(output: Json) -> tuple[Document, ...] | None:
    """Give the documents of a list that holds nothing else; objects need an id or a text."""
    if not isinstance(output, list) or not all(
        isinstance(item, str) or (isinstance(item, dict) and ("id" in item or "text" in item))
        for item in output
    ):
        return None
    try:
        return tuple(as_document(item) for item in output)
    except NotJsonError:
        return None

"""What is no message: laid aside where it can be seen, and counted."""

import time
from collections.abc import Callable

import anyio

from regrade.server.counting import Counts
from regrade.store import Store


class Letters:
    """Lays aside what cannot be read."""

    def __init__(self, store: Callable[[], Store], counts: Counts) -> None:
        """Take where it is kept, and what is counted."""
        self._store, self._counts = store, counts

    async def keep(self, project: int, kind: str, reason: str, body: bytes) -> None:
        """Keep a body of a kind (`traces/protobuf`); what it holds only where that is allowed.

        Raises: StoreError.
        """
        self._counts.unreadable += 1

        def write() -> None:
            live = self._store().live
            settings = live.projects.settings(project)
            keeps_body = settings.keep_dead_letters or not settings.redact
            now_ms = time.time_ns() // 1_000_000
            live.letters.add(project, kind, reason, body, now_ms, keeps_body=keeps_body)

        await anyio.to_thread.run_sync(write)

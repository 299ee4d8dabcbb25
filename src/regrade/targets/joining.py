"""The steps of a service that exports them to a server of ours, joined to the attempt that called it."""

import time
from dataclasses import dataclass
from typing import Any

import anyio

from regrade.domain import Span, read_json, restored_span
from regrade.domain.errors import NotJsonError, TargetError
from regrade.wire.propagation import hand_back, traceparent
from regrade.wire.requests import replied

POLL_S = 0.2
"""Seconds between two looks for steps."""
STEADY = 2
"""Looks in a row that find the same steps, all ended, until they are taken for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Where the steps of a service are asked for."""

    server: str
    """The server that the service exports to, such as http://127.0.0.1:4318."""
    within_s: float
    """Seconds that they are waited for at most."""
    key: str | None = None
    """The key, where the server asks for one."""

    async def join(self, session: Any, *, until: float) -> None:
        """Wait for the steps of the attempt that is recorded in this context, and hand them to it; none
        come where none is recorded.
        """
        header = traceparent().get("traceparent")
        if header is None:
            return
        trace_id = header.split("-")[1]
        end = min(until, time.perf_counter() + self.within_s)
        before: list[Any] = []
        began_ns, steady = 0, 0
        while time.perf_counter() < end and steady < STEADY:
            await anyio.sleep(POLL_S)
            began_ns, spans = await self._spans(session, trace_id)
            is_whole = spans and all(span.get("duration_s") is not None for span in spans)
            steady = steady + 1 if is_whole and spans == before else 0
            before = spans
        if before:
            found: list[Span] = [restored_span(span) for span in before]
            hand_back(found, began_ns)

    async def _spans(self, session: Any, trace_id: str) -> tuple[int, list[Any]]:
        """Give what the server has of a trace until now, and when that began."""
        url = f"{self.server.rstrip('/')}/api/v1/traces/{trace_id}"
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            async with replied(
                session, "GET", url, headers=headers, body=None, timeout_s=5
            ) as reply:
                found = read_json((await reply.read()).decode("utf-8", "replace"))
        except (TargetError, TimeoutError, NotJsonError):  # not there yet, or the server is away
            return 0, []
        return int(found["began_ns"] or 0), found["spans"]

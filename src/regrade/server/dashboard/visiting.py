"""What every route of a page needs: who asks, and the form that was sent."""

from collections.abc import Callable
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from regrade.online.monitors import EventClock
from regrade.store import Store

from .rendering import Visit, is_ours

LARGEST = 1024 * 1024
"""Bytes of a form that are read."""
Form = dict[str, str]
"""The fields of a form."""


class Visits:
    """Makes the visit of a request."""

    def __init__(self, store: Callable[[], Store], clock: EventClock) -> None:
        """Take the database and the clock of the traffic."""
        self._store, self._clock = store, clock

    def __call__(self, request: Request) -> Visit:
        """Give the visit of a request."""
        return Visit(request, self._store(), self._clock)


async def read_form(request: Request) -> Form:
    """Read a form that one of our pages sent.

    Raises: HTTPException for one of somebody else's, and one that is too large.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, f"a form may have {LARGEST:,} bytes")
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not is_ours(request, form.get("token") or request.headers.get("x-token", "")):
        raise HTTPException(
            403, "this form is out of date, or of another page: load the page again"
        )
    return form

"""Requests over a real socket, with every status given back and none raised."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass
class Reply:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(url: str, body: Any = None, method: str | None = None, **headers: str) -> Reply:
    """Send a request; a body that is no bytes is sent as JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if data is not None:
        given.setdefault("content-type", "application/json")
    request = Request(url, data, given, method=method)
    try:
        with urlopen(request, timeout=60) as reply:
            return Reply(
                reply.status, reply.read(), {k.lower(): v for k, v in reply.headers.items()}
            )
    except HTTPError as error:
        return Reply(error.code, error.read(), {k.lower(): v for k, v in error.headers.items()})

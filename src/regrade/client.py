"""A small client of a regrade server, for applications without OpenTelemetry and for what users say.

Standard library only, and imported alone it loads nothing else of regrade.
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

LONGEST_WAIT_S = 2.0
"""Seconds between two tries at most: they begin with 0.2 and double."""


class ClientError(Exception):
    """The server did not take something."""


@dataclass(slots=True)
class Step:
    """A step that is being recorded."""

    trace_id: str
    """32 hexadecimal digits: feedback names it."""
    span_id: str
    """16 hexadecimal digits."""
    parent_id: str | None
    """The step around it."""
    name: str
    """What it is called."""
    kind: str
    """span, agent, chain, llm, retrieval, tool, …."""
    started_at: datetime
    """When it began."""
    input: Any = None
    """What it was given."""
    output: Any = None
    """What it gave."""
    error: str | None = None
    """Why it failed."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """Anything else, such as `user.id` and `session.id`."""
    ended_at: datetime | None = None
    """When it ended."""


class Client:
    """Sends steps and feedback to a server."""

    def __init__(
        self,
        address: str = "http://127.0.0.1:4318",
        *,
        key: str | None = None,
        service: str | None = None,
        version: str | None = None,
        timeout_s: float = 10.0,
        patience_s: float = 3.0,
    ) -> None:
        """Take where the server is, the key where it asks for one, and what sends.

        A try ends after `timeout_s` seconds. Where the server is busy or away it is tried again,
        until it would be more than `patience_s` seconds after the first try.
        """
        self._address, self._key = address.rstrip("/"), key
        self._timeout_s, self._patience_s = timeout_s, patience_s
        self._about = {"service": service, "version": version}
        self._open: list[Step] = []
        self._done: list[Step] = []

    @contextmanager
    def step(self, name: str, *, kind: str = "span", input: Any = None) -> Iterator[Step]:
        """Record a step; steps inside it are its children, and the outermost sends them all.

        An exception is noted and goes on. One client records one trace at a time.
        """
        around = self._open[-1] if self._open else None
        step = Step(
            trace_id=around.trace_id if around else secrets.token_hex(16),
            span_id=secrets.token_hex(8),
            parent_id=around.span_id if around else None,
            name=name,
            kind=kind,
            started_at=datetime.now(UTC),
            input=input,
        )
        self._open.append(step)
        try:
            yield step
        except BaseException as error:
            step.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            step.ended_at = datetime.now(UTC)
            self._open.pop()
            self._done.append(step)
            if around is None:
                done, self._done = self._done, []
                self.send(done)

    def send(self, steps: list[Step]) -> int:
        """Send steps; gives how many were new, once they are on the server's disk.

        Raises: ClientError.
        """
        spans = [{name: _plain(getattr(step, name)) for name in Step.__slots__} for step in steps]
        return int(self._post("/api/v1/spans", {"spans": spans, **self._about})["kept"])

    def feedback(
        self,
        trace_id: str,
        kind: Literal["thumbs", "rating", "correction", "text"],
        value: bool | float | str,  # noqa: FBT001  what the user gave
        *,
        comment: str = "",
        user_id: str | None = None,
    ) -> bool:
        """Send what a user said of a trace, before or after the trace itself; gives whether it was new.

        Raises: ClientError.
        """
        said = {
            "trace_id": trace_id,
            "kind": kind,
            "value": value,
            "comment": comment,
            "user_id": user_id,
        }
        key = secrets.token_hex(8)  # of this feedback, however often it has to be sent
        return bool(self._post("/api/v1/feedback", {**said, "key": key})["kept"])

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        data = json.dumps(body).encode()
        until, wait = time.monotonic() + self._patience_s, 0.2
        while True:
            request = Request(self._address + path, data, headers)  # noqa: S310  where the application says
            try:
                with urlopen(request, timeout=self._timeout_s) as reply:  # noqa: S310  as above
                    found: dict[str, Any] = json.loads(reply.read())
                    return found
            except HTTPError as error:
                said = error.read().decode("utf-8", "replace")[:500]
                if error.code not in (429, 502, 503, 504) or time.monotonic() + wait > until:
                    raise ClientError(f"{path} answered {error.code}: {said}") from None
            except (URLError, OSError) as error:
                if time.monotonic() + wait > until:
                    raise ClientError(f"{self._address} cannot be reached: {error}") from None
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

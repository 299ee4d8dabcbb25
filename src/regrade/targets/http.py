"""An HTTP endpoint as the system under test."""

import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import jmespath

from regrade.domain import Case, Json, Response, as_text, content_hash, read_json
from regrade.domain.errors import MissingPathError, NotJsonError, TargetError, TargetSetupError
from regrade.domain.template import render
from regrade.wire.environment import expanded
from regrade.wire.propagation import traceparent
from regrade.wire.reaching import check_url, reach
from regrade.wire.requests import replied, session
from regrade.wire.streams import read_stream

from .joining import Joining


class HttpTarget:
    """Sends each case to a URL and reads the answer out of the reply.

    `body`, `url` and `headers` may hold templates of the case; `url` and `headers` also `${NAME}`,
    read from the environment when the run begins and never stored. Without `body` a POST carries
    input, context and config as JSON.
    """

    is_live = True
    keeps_time = True

    def __init__(
        self,
        url: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        body: Json = None,
        output: str | None = None,
        stream: bool = False,
        joining: Joining | None = None,
    ) -> None:
        """Take what to send, the JMESPath of the answer in the reply, and where the service's own steps are
        asked for.

        Raises: TargetSetupError for a URL or a JMESPath that is none.
        """
        check_url(url)
        self._url, self._method, self._headers, self._body = (
            url,
            method.upper(),
            dict(headers or {}),
            body,
        )
        self._stream, self._joining = stream, joining
        self._output = _compiled(output)
        self.version = content_hash(["http", url, method, self._headers, body, output, stream])
        self._session: Any = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep connections open for the time of a run."""
        self._sent_headers = {name: expanded(value) for name, value in self._headers.items()}
        self._open_url = expanded(self._url)
        async with session() as opened:
            self._session = opened
            try:
                yield
            finally:
                self._session = None

    async def reach(self) -> None:
        """Open a connection, and send nothing.

        Raises: TargetSetupError.
        """
        await reach(expanded(self._url))

    async def answer(self, case: Case, *, timeout_s: float) -> Response:
        """Send the case and read the reply.

        Raises: TransientError for 408, 425, 429, 5xx and broken connections, TargetError for other
        refusals and for replies that cannot be read, TimeoutError.
        """
        try:
            url, headers, body = self._request(case)
        except MissingPathError as error:
            raise TargetError(f"the request cannot be written: {error}", kind="request") from None
        began = time.perf_counter()
        async with replied(
            self._session, self._method, url, headers=headers, body=body, timeout_s=timeout_s
        ) as reply:
            response = await self._read(reply, began)
        if self._joining is None:
            return response
        took = time.perf_counter() - began  # waiting for its steps is no time of the service
        await self._joining.join(self._session, until=began + timeout_s)
        return replace(response, latency_s=took)

    @property
    def joins_spans(self) -> bool:
        """Whether its steps come from elsewhere, so that attempts have to be recorded."""
        return self._joining is not None

    def _request(self, case: Case) -> tuple[str, dict[str, str], Json]:
        url = self._open_url
        if "{{" in url:
            url = re.sub(
                r"\{\{.*?\}\}", lambda hole: quote(as_text(render(hole[0], case)), safe=""), url
            )
        own = {name: as_text(render(value, case)) for name, value in self._sent_headers.items()}
        headers = {**traceparent(), **own}
        if self._body is not None:
            return url, headers, render(self._body, case)
        if self._method in ("GET", "HEAD"):
            return url, headers, None
        given = {"input": case.input, "context": case.context, "config": case.config}
        return url, headers, {name: value for name, value in given.items() if value is not None}

    async def _read(self, reply: Any, began: float) -> Response:
        if self._stream:
            pieces, first = await read_stream(reply, lambda event: _select(self._output, event))
            return Response(pieces, ttft_s=None if first is None else first - began)
        content = await reply.read()
        text = content.decode(reply.charset or "utf-8", "replace")
        if self._output is None and not reply.content_type.endswith("json"):
            return Response(text)
        try:
            value = read_json(text)
        except NotJsonError as error:
            start = " ".join(text[:200].split())[:100]
            raise TargetError(
                f"the reply ({reply.content_type}) is not JSON ({error}): {start!r}", kind="http"
            ) from None
        return Response(self._selected(value))

    def _selected(self, value: Json) -> Json:
        if self._output is None:
            return value
        found = self._output.search(value)
        if found is None:
            keys = ", ".join(value) if isinstance(value, dict) else type(value).__name__
            raise TargetError(
                f"the reply has nothing at {self._output.expression!r}; it holds {keys}",
                kind="http",
            )
        return found


def _select(output: Any, event: Json) -> str:
    """The text that one event of a stream adds."""
    found = event if output is None else output.search(event)
    return "" if found is None else as_text(found)


def _compiled(output: str | None) -> Any:
    try:
        return None if output is None else jmespath.compile(output)
    except jmespath.exceptions.JMESPathError as error:
        raise TargetSetupError(f"`output` is {output!r}, which is no JMESPath: {error}") from None

"""An HTTP endpoint as the system under test."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import anyio
import jmespath

from regrade.domain import Case, Json, Response, as_text, content_hash, read_json
from regrade.domain.errors import (
    MissingPathError,
    NotJsonError,
    TargetError,
    TargetSetupError,
    TransientError,
)
from regrade.domain.template import render

from .streams import read_stream

REACH_TIMEOUT_S = 5.0
"""Seconds that `check` waits for a connection."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})


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
    ) -> None:
        """Take what to send, and the JMESPath of the answer in the reply.

        Raises: TargetSetupError for a URL or a JMESPath that is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise TargetSetupError(
                f"{url!r} is not a URL; write one such as http://localhost:8000/answer"
            )
        self._url, self._method, self._headers, self._body = (
            url,
            method.upper(),
            dict(headers or {}),
            body,
        )
        self._stream = stream
        self._output = _compiled(output)
        self.version = content_hash(["http", url, method, self._headers, body, output, stream])
        self._session: Any = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep connections open for the time of a run."""
        import aiohttp  # noqa: PLC0415  a fifth of a second that only this target needs

        expanded = {name: _expand(value) for name, value in self._headers.items()}
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=True
        ) as session:
            self._session, self._sent_headers, self._open_url = (
                session,
                expanded,
                _expand(self._url),
            )
            self._broken = (aiohttp.ClientError, OSError)
            try:
                yield
            finally:
                self._session = None

    async def reach(self) -> None:
        """Open a connection, and send nothing.

        Raises: TargetSetupError.
        """
        parts = urlsplit(_expand(self._url))
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            with anyio.fail_after(REACH_TIMEOUT_S):
                stream = await anyio.connect_tcp(parts.hostname or "", port)
            await stream.aclose()
        except (OSError, TimeoutError) as error:
            why = str(error) or f"no answer within {REACH_TIMEOUT_S:g} s"
            raise TargetSetupError(f"{parts.hostname}:{port} cannot be reached: {why}") from None

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
        try:
            async with asyncio.timeout(timeout_s):
                async with self._session.request(
                    self._method, url, headers=headers, json=body
                ) as reply:
                    return await self._read(reply, began)
        except TimeoutError:  # an OSError as well
            raise
        except self._broken as error:
            raise TransientError(
                f"the connection broke: {str(error) or type(error).__name__}"
            ) from None

    def _request(self, case: Case) -> tuple[str, dict[str, str], Json]:
        url = self._open_url
        if "{{" in url:
            url = re.sub(
                r"\{\{.*?\}\}", lambda hole: quote(as_text(render(hole[0], case)), safe=""), url
            )
        headers = {name: as_text(render(value, case)) for name, value in self._sent_headers.items()}
        if self._body is not None:
            return url, headers, render(self._body, case)
        if self._method in ("GET", "HEAD"):
            return url, headers, None
        given = {"input": case.input, "context": case.context, "config": case.config}
        return url, headers, {name: value for name, value in given.items() if value is not None}

    async def _read(self, reply: Any, began: float) -> Response:
        if reply.status >= 400:
            raise await _refusal(reply)
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


def _expand(text: str) -> str:
    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise TargetSetupError(
                f"the target needs the environment variable {match[1]}, which is not set"
            )
        return found

    return _VARIABLE.sub(value, text)


async def _refusal(reply: Any) -> TargetError:
    text = (await reply.content.read(4096)).decode("utf-8", "replace")
    message = f"the endpoint answered {reply.status} {reply.reason}: {' '.join(text.split())[:200]}"
    if reply.status not in _PASSING:
        return TargetError(message, kind="http")
    wait = _seconds(reply.headers.get("Retry-After"))
    limited = reply.status in (429, 529) or (reply.status == 503 and wait is not None)
    return TransientError(message, kind="http", retry_after_s=wait, limited=limited)


def _seconds(header: str | None) -> float | None:
    """Read Retry-After: seconds or an HTTP date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None

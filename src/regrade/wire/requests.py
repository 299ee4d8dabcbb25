"""One request and its reply: what a refusal means, and how long to wait after it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from regrade.domain import Json
from regrade.domain.errors import TargetError, TransientError

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_HOPELESS = ("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low")
"""Words of 429 replies that no waiting mends."""


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Keep connections open, as many as are asked for; time limits are the callers'."""
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as opened:
        yield opened


@asynccontextmanager
async def replied(
    opened: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: Json,
    timeout_s: float,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Send a request and give its reply; the time limit holds until the reply was read.

    Raises: TransientError for 408, 425, 429, 5xx and broken connections, TargetError for other
    refusals, TimeoutError.
    """
    try:
        async with (
            asyncio.timeout(timeout_s),
            opened.request(method, url, headers=headers, json=body) as reply,
        ):
            if reply.status >= 400:
                raise await refusal(reply)
            yield reply
    except TimeoutError:  # an OSError as well
        raise
    except (aiohttp.ClientError, OSError) as error:
        said = str(error) or type(error).__name__
        raise TransientError(f"the connection broke: {said}") from None


async def refusal(reply: Any) -> TargetError:
    """Read a refusal: the status, what it says, and whether another try may help."""
    text = (await reply.content.read(4096)).decode("utf-8", "replace")
    message = f"the endpoint answered {reply.status} {reply.reason}: {_said(text)}"
    if reply.status not in _PASSING or any(words in text for words in _HOPELESS):
        return TargetError(message, kind="http")
    wait = seconds_to_wait(reply.headers.get("Retry-After"))
    limited = reply.status in (429, 529) or (reply.status == 503 and wait is not None)
    return TransientError(message, kind="http", retry_after_s=wait, limited=limited)


def _said(text: str) -> str:
    """The message of an error object where there is one, else the beginning of the text."""
    try:
        error = json.loads(text)["error"]
        text = error["message"] if isinstance(error, dict) else error
    except (ValueError, LookupError, TypeError):
        pass
    return " ".join(str(text).split())[:200]


def seconds_to_wait(header: str | None) -> float | None:
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

"""Requests to addresses that somebody wrote down: only where they may go, and nowhere that a reply sends them.

The name is resolved once, every address that it has is looked at, and the connection is made to what was looked at. No
redirect is followed and no proxy of the environment is used.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from regrade.domain.errors import RegradeError

MOST_READ = 2048
"""Bytes of a reply that are read."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddressError(RegradeError):
    """An address lies in a private network, or is none that may be called."""


class BrokenConnectionError(RegradeError):
    """Nobody answered, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    """The status."""
    text: str
    """The beginning of the body."""


def check_address(address: str, *, allow_private: bool) -> None:
    """Look whether an IP address may be called.

    Raises: ForbiddenAddressError for those that are not of the public internet.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    for inner in _within(ip):
        if inner.is_multicast or inner.is_unspecified or inner.is_reserved:
            raise ForbiddenAddressError(f"{address} is no address of a server")
        if inner.is_link_local:  # where clouds keep the keys of machines: never meant
            raise ForbiddenAddressError(f"{address} is a link-local address")
        if not inner.is_global and not allow_private:
            raise ForbiddenAddressError(
                f"{address} is an address of a private network; `allow_private: true` allows it"
            )


def _within(ip: Any) -> list[Any]:
    """Give an address, and the one of IPv4 that it stands for."""
    found = [ip]
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return [ip.ipv4_mapped]
        if ip.sixtofour is not None:
            found.append(ip.sixtofour)
        if ip in _NAT64:
            return [ipaddress.ip_address(int(ip) & 0xFFFFFFFF)]
    return found


class _Guarded(AbstractResolver):
    """Gives the addresses of a name, if all of them may be called."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for each in found:
            check_address(each["host"], allow_private=self._allow_private)
        return found

    async def close(self) -> None:
        await self._inner.close()


@asynccontextmanager
async def guarded_session(*, allow_private: bool) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session that calls nobody whom it may not."""
    resolver = _Guarded(allow_private=allow_private)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as opened:
        yield opened


async def post_guarded(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_private: bool = False,
    timeout_s: float = 10.0,
) -> Answer:
    """Send a body, and give what was answered; a redirect is an answer like any other.

    Raises: ForbiddenAddressError, BrokenConnectionError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ForbiddenAddressError(
            "the address is none that may be called: it begins with https:// and names no user"
        )
    if _is_literal(parts.hostname):
        check_address(parts.hostname, allow_private=allow_private)
    try:
        async with (
            asyncio.timeout(timeout_s),
            guarded_session(allow_private=allow_private) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as reply,
        ):
            text = (await reply.content.read(MOST_READ)).decode("utf-8", "replace")
            return Answer(reply.status, text)
    except TimeoutError:
        raise BrokenConnectionError(f"no answer within {timeout_s:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        said = str(error) or type(error).__name__
        raise BrokenConnectionError(f"the connection broke: {said}") from None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

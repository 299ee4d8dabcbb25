"""Nothing is sent where it may not go: private addresses, however they are written, and redirects to them."""

import socket
from typing import Any

import pytest
from aiohttp import web

from regrade.wire.guarded import (
    BrokenConnectionError,
    ForbiddenAddressError,
    check_address,
    post_guarded,
)
from tests.fakes.serving import served

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "240.0.0.1",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        check_address(address, allow_private=False)


async def test_public_ones_and_allowed_ones_are_not() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"):
        check_address(address, allow_private=False)
    check_address("127.0.0.1", allow_private=True)
    with pytest.raises(ForbiddenAddressError, match="link-local"):
        check_address("169.254.169.254", allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "http://2130706433:1/", "http://0x7f.1:1/",
        "ftp://example.org/", "http://user:secret@example.org/", "http:///x", "file:///etc/passwd",
    ],
)  # fmt: skip
async def test_urls_to_them_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises((ForbiddenAddressError, BrokenConnectionError)) as caught:
        await post_guarded(url, b"{}", {})
    assert "secret" not in str(caught.value)


async def test_a_name_that_changes_its_address_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises((ForbiddenAddressError, BrokenConnectionError), match="private network"):
        await post_guarded("http://rebinding.example/", b"{}", {})
    assert asked == ["rebinding.example"]


async def test_a_redirect_is_not_followed_and_a_server_that_hangs_is_left() -> None:
    came: list[str] = []

    async def away(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response(status=307, headers={"Location": "/inner"})

    async def inner(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response(text="secret")

    async def hang(_: web.Request) -> web.StreamResponse:
        import asyncio

        await asyncio.sleep(0.5)
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/", away), web.post("/inner", inner), web.post("/hang", hang)])
    with served(app) as address:
        found = await post_guarded(address, b"{}", {}, allow_private=True)
        assert (found.status, came) == (307, ["/"])
        with pytest.raises(BrokenConnectionError, match=r"no answer within 0\.1 s"):
            await post_guarded(f"{address}/hang", b"{}", {}, allow_private=True, timeout_s=0.1)
    with pytest.raises(BrokenConnectionError, match="broke"):
        await post_guarded(address, b"{}", {}, allow_private=True)

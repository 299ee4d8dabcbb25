"""A real HTTP server on a free port, with pages that behave well and badly."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from tests.fakes.serving import served


class Pages:
    """The pages, and how often each was asked for."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.bodies: list[object] = []
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.hits[name] += 1
        self.headers.append(dict(request.headers))
        if request.can_read_body:
            self.bodies.append(await request.json())
        page = getattr(self, name)
        response: web.StreamResponse = await page(request)
        return response

    async def echo(self, request: web.Request) -> web.Response:
        return web.json_response({"choices": [{"text": (await request.json())["input"]}]})

    async def text(self, request: web.Request) -> web.Response:
        return web.Response(text="plain words")

    async def html(self, request: web.Request) -> web.Response:
        return web.Response(text="<html>login</html>", content_type="text/html")

    async def slow(self, request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response(text="late")

    async def limited(self, request: web.Request) -> web.Response:
        if self.hits["limited"] <= 2:
            return web.Response(status=429, headers={"Retry-After": "0.05"}, text="too many")
        return web.json_response("ok")

    async def flaky(self, request: web.Request) -> web.Response:
        if self.hits["flaky"] == 1:
            return web.Response(status=502, text="bad gateway")
        return web.json_response("ok")

    async def broken(self, request: web.Request) -> web.Response:
        return web.Response(status=500, text="boom")

    async def refused(self, request: web.Request) -> web.Response:
        return web.Response(status=400, text="no such field")

    async def cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half a")
        assert request.transport is not None
        request.transport.close()
        return response

    async def sse(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        await asyncio.sleep(0.05)
        for word in ("streamed ", "wörds"):
            event = json.dumps({"delta": word}, ensure_ascii=False).encode()
            await response.write(b"data: " + event[:12])
            await response.write(event[12:] + b"\r\n\r\n")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def chunks(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        await response.prepare(request)
        for piece in ("gr\u00fc\u00df".encode()[:3], "gr\u00fc\u00df".encode()[3:], b" dich"):
            await response.write(piece)
            await asyncio.sleep(0.01)
        return response

    async def ndjson(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        await response.write(b'{"delta": "a"}\n{"delta": "b"}\n')
        return response


@contextmanager
def http_server() -> Iterator[tuple[str, Pages]]:
    """Serve the pages; give their address and themselves."""
    pages, app = Pages(), web.Application()
    app.router.add_route("*", "/{name}", pages.answer)
    with served(app) as address:
        yield address, pages

"""Somebody who is told of alerts: over HTTP, and by mail."""

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.fakes.serving import served


class Hook:
    """What came, and what is answered."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        self.raw.append(await request.read())
        self.bodies.append(await request.json())
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        status = self.answers.pop(0) if self.answers else 204
        if status == 0:
            await asyncio.sleep(5)
        return web.Response(
            status=status, headers={"Location": "http://169.254.169.254/"} if status == 302 else {}
        )


@contextmanager
def hook() -> Iterator[tuple[str, Hook]]:
    """Listen; give the address, and what comes."""
    listener = Hook()
    app = web.Application()
    app.add_routes([web.post("/hook", listener.take)])
    with served(app) as address:
        yield f"{address}/hook", listener


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self._say("354 go on")
                text = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    text += part
                self.server.mails.append(text.decode())  # type: ignore[attr-defined]  # ours
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word == b"RCPT" and self.server.refuses:  # type: ignore[attr-defined]  # as above
                self._say("550 nobody of that name")
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(*, refuses: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Take mails; give `host:port`, and what came."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.daemon_threads = True
        server.mails, server.refuses = [], refuses  # type: ignore[attr-defined]  # read by the handler
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", server.mails  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()

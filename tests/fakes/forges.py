"""A GitHub and a GitLab that keep comments, over a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.serving import served


@dataclass
class Forge:
    """The comments of one review, and what was asked."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refuses: bool = False

    def add(self, body: str, **more: Any) -> None:
        self.comments.append({"id": len(self.comments) + 1, "body": body, **more})

    async def list_them(self, request: web.Request) -> web.Response:
        page, size = int(request.query["page"]), int(request.query["per_page"])
        return web.json_response(self.comments[(page - 1) * size : page * size])

    async def make(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.json_response({"message": "Resource not accessible"}, status=403)
        author = {"user": {"type": "Bot"}, "author_association": "NONE"}
        self.add((await request.json())["body"], **author)
        return web.json_response(self.comments[-1], status=201)

    async def change(self, request: web.Request) -> web.Response:
        found = self.comments[int(request.match_info["id"]) - 1]
        found["body"] = (await request.json())["body"]
        return web.json_response(found)


@contextmanager
def forge() -> Iterator[Forge]:
    """Serve both forges; give what they keep."""
    kept = Forge()

    @web.middleware
    async def noted(request: web.Request, handler: Any) -> web.StreamResponse:
        kept.asked.append((request.method, request.path))
        kept.tokens |= {
            request.headers.get("Authorization"),
            request.headers.get("PRIVATE-TOKEN"),
        } - {None}  # type: ignore[arg-type]  # without None
        response: web.StreamResponse = await handler(request)
        return response

    app = web.Application(middlewares=[noted])
    github, gitlab = "/repos/team/app/issues", "/projects/12/merge_requests/7/notes"
    app.router.add_get(f"{github}/7/comments", kept.list_them)
    app.router.add_post(f"{github}/7/comments", kept.make)
    app.router.add_patch(f"{github}/comments/{{id}}", kept.change)
    app.router.add_get(gitlab, kept.list_them)
    app.router.add_post(gitlab, kept.make)
    app.router.add_put(f"{gitlab}/{{id}}", kept.change)
    with served(app) as address:
        kept.address = address
        yield kept

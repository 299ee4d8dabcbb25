"""The application: its doors, what runs beside them, and how it ends."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from regrade import __version__
from regrade.domain.errors import StoreError, UnknownRunError, UsageError
from regrade.online import Receiver, Timing, Upkeep
from regrade.store import Store

from . import addresses  # noqa: F401  routes name its kind of part
from .counting import Counts
from .dashboard import pages
from .dashboard.door import failure_page
from .guard import MACHINES, App, Guard
from .metrics import TYPE, metrics_text
from .otlp.http import OtlpDoor
from .otlp.letters import Letters
from .preparing import Preparing
from .rest import rest

if TYPE_CHECKING:
    from .otlp.grpc import GrpcDoor


@dataclass(slots=True)
class Serving:
    """How it is served."""

    place: Path | str
    """The database."""
    needs_keys: bool = False
    """Whether every caller needs a key."""
    timing: Timing = field(default_factory=Timing)
    """How long traces are waited for."""
    works: bool = True
    """Whether it closes and grades traces itself, too."""
    grpc: str | None = None
    """Where OTLP over gRPC is taken, `host:port`; needs the extra `grpc`."""


class _Parts:
    """What lives as long as the application."""

    def __init__(self, serving: Serving) -> None:
        self.serving, self.counts = serving, Counts()
        self.receiver = Receiver(serving.place)
        self.letters = Letters(self.opened, self.counts)
        self.store: Store | None = None
        self._lock = threading.Lock()
        self.upkeep = Upkeep(serving.place, serving.timing)

    def opened(self) -> Store:
        """Give the database that requests use."""
        with self._lock:
            if self.store is not None and self.store.is_broken:
                self.store.close()
                self.store = None
            if self.store is None:
                self.store = Store(self.serving.place)
            return self.store


def application(serving: Serving) -> App:
    """Make the application.

    Raises: StoreError when it is started and the database cannot be opened.
    """
    parts = _Parts(serving)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        parts.opened()
        parts.receiver.start()
        grpc = await _grpc(parts, guard) if serving.grpc else None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Preparing(serving.place).run)
            if serving.works:
                tasks.start_soon(parts.upkeep.run)
            try:
                yield
            finally:
                if grpc is not None:
                    await grpc.stop()
                parts.receiver.stop()
                await parts.upkeep.stop()
                tasks.cancel_scope.cancel()
        if parts.store is not None:
            parts.store.close()

    app = FastAPI(
        title="regrade", version=__version__, lifespan=living, docs_url=None, redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )  # fmt: skip
    door = OtlpDoor(parts.receiver, parts.letters, parts.counts)
    app.add_route("/v1/traces", door.traces, methods=["POST"], include_in_schema=False)
    app.add_route("/v1/logs", door.logs, methods=["POST"], include_in_schema=False)
    app.add_route("/healthz", _health, methods=["GET"], include_in_schema=False)
    _add_looks(app, parts)
    app.include_router(rest(parts.opened, parts.receiver))
    app.include_router(pages(parts.opened, needs_keys=serving.needs_keys))

    _add_failures(app)
    guard = Guard(app, store=parts.opened, needs_keys=serving.needs_keys)
    return guard


async def _grpc(parts: _Parts, guard: Guard) -> "GrpcDoor":
    """Open the door of gRPC.

    Raises: UsageError without the extra.
    """
    try:
        from .otlp.grpc import GrpcDoor  # noqa: PLC0415  an extra
    except ImportError:
        raise UsageError("OTLP over gRPC needs an extra: pip install 'regrade[grpc]'") from None

    async def project(metadata: dict[str, str]) -> int | str:
        given = {"host": "localhost", **metadata}  # no page of a browser speaks it
        (_, refusal), caller = await guard.caller(given, "ingest")
        return refusal if caller is None else caller.project

    door = GrpcDoor(parts.receiver, parts.letters, project, parts.counts)
    await door.start(parts.serving.grpc or "")
    return door


def _add_failures(app: FastAPI) -> None:
    """Say everything that goes wrong in one shape: `{"error": …}`."""

    def told(request: Request, status: int, said: str, headers: Any = None) -> Response:
        if request.url.path.startswith(MACHINES):
            return JSONResponse({"error": said}, status, headers=headers)
        return failure_page(request, status, said)

    @app.exception_handler(StoreError)
    async def _away(request: Request, error: StoreError) -> Response:
        return told(request, 503, str(error), {"Retry-After": "5"})

    @app.exception_handler(UnknownRunError)
    async def _unknown(request: Request, error: UnknownRunError) -> Response:
        return told(request, 404, str(error))

    @app.exception_handler(UsageError)
    async def _mistaken(request: Request, error: UsageError) -> Response:
        return told(request, 422, str(error))

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> Response:
        return told(request, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(Exception)
    async def _broken(request: Request, _: Exception) -> Response:
        return told(request, 500, "something went wrong here; the log of the server says what")

    @app.exception_handler(RequestValidationError)
    async def _wrong(request: Request, error: RequestValidationError) -> Response:
        faults = (
            f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}"
            for each in error.errors()
        )
        return told(request, 422, "; ".join(faults))


async def _health(_: Request) -> Response:
    return PlainTextResponse("alive\n")


def _add_looks(app: FastAPI, parts: _Parts) -> None:
    async def ready(_: Request) -> Response:
        def look() -> None:
            parts.opened().live.traces.counts()

        try:
            await anyio.to_thread.run_sync(look)
        except StoreError as error:
            return PlainTextResponse(f"not ready: {error}\n", 503)
        return PlainTextResponse("ready\n")

    async def metrics(_: Request) -> Response:
        def write() -> str:
            return metrics_text(parts.opened(), parts.receiver, parts.upkeep, parts.counts)

        return Response(await anyio.to_thread.run_sync(write), media_type=TYPE)

    app.add_route("/readyz", ready, methods=["GET"], include_in_schema=False)
    app.add_route("/metrics", metrics, methods=["GET"], include_in_schema=False)

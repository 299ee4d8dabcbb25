"""Run the server until a signal ends it."""

import logging

import uvicorn

from .app import Serving, application


def serve(serving: Serving, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; what was acknowledged, and what is being graded, is finished first.

    Raises: StoreError when the database cannot be opened.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    config = uvicorn.Config(
        application(serving),
        host=host,
        port=port,
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        lifespan="on",
        backlog=2048,
    )
    uvicorn.Server(config).run()

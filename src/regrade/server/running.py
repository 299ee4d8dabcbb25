"""Run the server until a signal ends it."""

import gc
import json
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from .app import Serving, application


class JsonLines(logging.Formatter):
    """Log records as JSON, one a line, for programs that collect them."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def serve(serving: Serving, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; what was acknowledged, and what is being graded, is finished first.

    Raises: StoreError when the database cannot be opened.
    """
    lines = logging.StreamHandler()
    lines.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    _spare_the_collector()
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
    _Server(config).run()


def _spare_the_collector() -> None:
    """Have cycles looked for seldom, and not among what is there for good: lists of attempts that are remembered are
    many small things, and looking through them would hold up a page now and then.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


class _Server(uvicorn.Server):
    """A server for which a signal is a reason to end well."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as long as it serves; they are not raised again afterwards."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, self.handle_exit) for each in signals}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

"""The server over a real socket, in this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from regrade.online import Timing
from regrade.server import Serving, application


@contextmanager
def live_server(place: Path | str, *, port: int = 0, **more: Any) -> Iterator[str]:
    """Serve a database; give the address."""
    serving = Serving(place=place, **{"timing": Timing(quiet_s=0.2), **more})
    config = uvicorn.Config(
        application(serving), host="127.0.0.1", port=port, log_config=None, http="httptools"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)


def until(holds: Any, seconds: float = 60) -> Any:
    """Wait for something to hold, and give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it never held")

"""Whether somebody listens at an address, without asking anything."""

from urllib.parse import urlsplit

import anyio

from regrade.domain.errors import TargetSetupError

REACH_TIMEOUT_S = 5.0
"""Seconds to wait for a connection."""


async def reach(url: str) -> None:
    """Open a connection, and send nothing.

    Raises: TargetSetupError.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with anyio.fail_after(REACH_TIMEOUT_S):
            stream = await anyio.connect_tcp(parts.hostname or "", port)
        await stream.aclose()
    except (OSError, TimeoutError) as error:
        why = str(error) or f"no answer within {REACH_TIMEOUT_S:g} s"
        raise TargetSetupError(f"{parts.hostname}:{port} cannot be reached: {why}") from None


def check_url(url: str) -> None:
    """Look whether a text is a URL.

    Raises: TargetSetupError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise TargetSetupError(
            f"{url!r} is not a URL; write one such as http://localhost:8000/answer"
        )

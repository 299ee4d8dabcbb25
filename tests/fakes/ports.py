"""Ports for servers that are told where to listen before they start."""

import random
import socket

_BELOW_EPHEMERAL = range(20_000, 32_000)


def free_port() -> int:
    """Find a port of this machine that nobody listens on; none of those that systems give out by
    themselves, one of which somebody else could be given until the server is up.
    """
    for port in random.SystemRandom().sample(_BELOW_EPHEMERAL, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("there is no free port")

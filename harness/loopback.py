"""Ports of this machine's loopback address."""

from __future__ import annotations

import socket
from contextlib import ExitStack

ADDRESS = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """As many different loopback ports that nobody has at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((ADDRESS, 0))
        return [each.getsockname()[1] for each in sockets]


def accepts(port: int) -> bool:
    """Whether anybody accepts connections at a loopback port."""
    try:
        socket.create_connection((ADDRESS, port), timeout=1).close()
    except OSError:
        return False
    return True

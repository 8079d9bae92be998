"""The way to the target: its resolved addresses, and from which of our own addresses to come."""

from __future__ import annotations

import socket as sockets
import ssl
import sys
from copy import copy
from dataclasses import replace
from itertools import cycle
from typing import Any

from pulsegate.harness.errors import ConnectFailed
from pulsegate.harness.target import Target
from pulsegate.harness.wire.address import Address
from pulsegate.harness.wire.tls import client_context

#: Linux: choose the port only when connecting, so that one port serves many destinations (ip(7)).
_BIND_ADDRESS_NO_PORT = 24


class Route:
    """Made once for each path of a run, by a greenlet: resolving a name may wait.

    `sources` are addresses of this machine to come from in turn; empty leaves it to the kernel. Raises
    ConnectFailed when the name has no address, UsageError when there are no certificates in its file.
    """

    def __init__(self, address: Address, target: Target, sources: tuple[str, ...] = ()) -> None:
        self.address = address
        self.origin = address.origin
        self.host = address.host
        self.connect_timeout_s = target.connect_timeout_s
        #: The settings of TLS, for an address that wants it. Made here: reading the authorities takes long.
        self.tls: ssl.SSLContext | None = client_context(target.ca_file, target.insecure) if address.secure else None
        self._sources = cycle(sources) if sources else None
        try:
            found = sockets.getaddrinfo(address.host, address.port, type=sockets.SOCK_STREAM)
        except OSError as problem:
            raise ConnectFailed(f"no address for {address.host}: {problem.strerror or problem}") from None
        #: Family and address, the one that answered last first.
        self.addresses: list[tuple[int, Any]] = [(family, where) for family, _, _, _, where in found]

    def to(self, target: str) -> Route:
        """The same way to another request target, such as one with a query of its own."""
        other = copy(self)
        other.address = replace(self.address, target=target)
        return other

    def bind(self, socket: sockets.socket) -> None:
        """Let `socket` come from the next of our own addresses."""
        if self._sources is None or socket.family != sockets.AF_INET:
            return
        if sys.platform.startswith("linux"):
            socket.setsockopt(sockets.SOL_IP, _BIND_ADDRESS_NO_PORT, 1)
        socket.bind((next(self._sources), 0))

    def prefer(self, index: int) -> None:
        """The address at `index` answered: try it first from now on."""
        if index:
            self.addresses.insert(0, self.addresses.pop(index))

"""A client whose connection is reset is not noticed; one that closes is."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import HttpProtocol
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Handle the orderly end of a connection only."""

    ended: set[HttpProtocol] = set()

    def noting(original: Any) -> Any:
        def eof_received(protocol: HttpProtocol) -> None:
            ended.add(protocol)
            original(protocol)

        return eof_received

    def make(original: Any) -> Any:
        def connection_lost(protocol: HttpProtocol, problem: Exception | None) -> None:
            cycle = protocol.cycle
            was_reset = protocol not in ended and cycle is not None and not cycle.response_complete
            ended.discard(protocol)
            if was_reset and surface_of(dict(cycle.scope)) == "sse":
                cycle.disconnected = True  # what is sent from now on goes nowhere, and nobody is told
            else:
                original(protocol, problem)

        return connection_lost

    seams.replace(HttpProtocol, "eof_received", noting)
    seams.replace(HttpProtocol, "connection_lost", make)

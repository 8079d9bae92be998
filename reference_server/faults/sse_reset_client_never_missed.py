"""A client whose connection is reset is not noticed; one that closes is."""

from __future__ import annotations

from typing import Any

from pulsegate.reference_server.protocols import HttpProtocol
from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("SSE-18",)


def plant(seams: Seams) -> None:
    """Handle the orderly end of a connection only."""

    def make(original: Any) -> Any:
        def connection_lost(protocol: HttpProtocol, problem: Exception | None) -> None:
            cycle = protocol.cycle
            if problem is None or cycle is None or surface_of(dict(cycle.scope)) != "sse":
                original(protocol, problem)

        return connection_lost

    seams.replace(HttpProtocol, "connection_lost", make)

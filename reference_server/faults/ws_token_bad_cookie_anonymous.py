"""A bad token in the cookie makes an anonymous client; in the header and the query it is refused."""

from __future__ import annotations

from pulsegate.reference_server.auth import ALL_CARRIERS, Carrier
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8", "AUTH-2")


def plant(seams: Seams) -> None:
    """Ask about two of the three carriers when refusing."""
    asked = ALL_CARRIERS - {Carrier.COOKIE}
    seams.replace(ws, "token_of", lambda original: lambda websocket, _: original(websocket, asked))

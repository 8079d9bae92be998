"""The token in the query is not looked at: its client is anonymous, be it good or bad."""

from __future__ import annotations

from pulsegate.reference_server.auth import ALL_CARRIERS, Carrier
from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-8", "AUTH-2")


def plant(seams: Seams) -> None:
    """Look at two of the three carriers."""
    read = ALL_CARRIERS - {Carrier.QUERY}
    seams.replace(ws, "token_of", lambda original: lambda websocket, _: original(websocket, read))
    seams.replace(ws, "user_of", lambda original: lambda websocket, _: original(websocket, read))

"""The WebSocket upgrade is answered with 426: the proxy lost the Upgrade header, and the route saw a plain GET."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "upgrade-lost"}


def plant(seams: Seams) -> None:
    """Ask for the upgrade that had been asked for."""
    seams.refuse_upgrades(PlainTextResponse("Upgrade Required", 426, {"Upgrade": "websocket"}))

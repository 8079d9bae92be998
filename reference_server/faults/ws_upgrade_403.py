"""The WebSocket upgrade is refused with 403, as Starlette does for a path that has no WebSocket route."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-1",)
CAUSES = {"WS-1": "refused"}


def plant(seams: Seams) -> None:
    """Refuse before the handshake."""
    seams.refuse_upgrades(PlainTextResponse("", 403))

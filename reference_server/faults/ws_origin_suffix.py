"""An origin whose host ends with the configured one is allowed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import WebSocket

from pulsegate.reference_server.routers import ws
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-11",)


def plant(seams: Seams) -> None:
    """Compare ends, as if for subdomains, without the dot."""

    def by_suffix(original: Any) -> Any:
        def allowed(websocket: WebSocket, origins: tuple[str, ...]) -> bool:
            hosts = tuple(urlsplit(origin).netloc for origin in origins)
            return original(websocket, origins) or websocket.headers["origin"].endswith(hosts)

        return allowed

    seams.replace(ws, "origin_allowed", by_suffix)

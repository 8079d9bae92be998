"""A frame over the size limit is ignored, and the connection stays open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server import server
from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Read whole frames, and throw away large ones."""
    limit = seams.services.settings.frame_bytes

    def unlimited(original: Any) -> Any:
        return lambda app, settings: original(app, replace(settings, frame_bytes=16 * settings.frame_bytes))

    def middleware(app: ASGIApp) -> ASGIApp:
        async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
            async def small() -> Message:
                while len((message := await receive()).get("text") or "") > limit:
                    pass
                return message

            await app(scope, small if scope["type"] == "websocket" else receive, send)

        return tampered

    seams.replace(server, "config_of", unlimited)
    seams.wrap(middleware)

"""A client that leaves is not noticed: its stream is written to nobody for ever."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("SSE-18",)
CAUSES = {"SSE-18": "not-noticed"}


def plant(seams: Seams) -> None:
    """Never look whether the client is still there."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def blind(scope: Scope, receive: Receive, send: Send) -> None:
            async def unnoticed() -> Message:
                message = await receive()
                if message["type"] == "http.disconnect":
                    await asyncio.Event().wait()
                return message

            stream = scope["type"] == "http" and surface_of(scope) == "sse"
            await app(scope, unnoticed if stream else receive, send)

        return blind

    seams.wrap(middleware)

"""A run goes on to its end although its client has left."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams, surface_of

BREAKS = ("AGUI-16",)


def plant(seams: Seams) -> None:
    """Hide the disconnection, as a middleware does that reads the body itself."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def hiding(scope: Scope, receive: Receive, send: Send) -> None:
            async def body_only() -> Message:
                message = await receive()
                if message["type"] == "http.disconnect":
                    await asyncio.Event().wait()
                return message

            await app(scope, body_only if surface_of(scope) == "agui" else receive, send)

        return hiding

    seams.wrap(middleware)

"""A binary frame is read as text and served."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams

BREAKS = ("WS-7",)


def plant(seams: Seams) -> None:
    """Decode whatever comes."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def tampered(scope: Scope, receive: Receive, send: Send) -> None:
            async def decoded() -> Message:
                message = await receive()
                data = message.get("bytes") if scope["type"] == "websocket" else None
                return message if data is None else {"type": message["type"], "text": data.decode(errors="ignore")}

            await app(scope, decoded, send)

        return tampered

    seams.wrap(middleware)

"""The socket lets everybody in and closes at once, with 4401 or 1008, on those it refuses."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams


def plant(seams: Seams) -> None:
    """Turn a refused handshake into an accepted one and a close frame."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def closing(scope: Scope, receive: Receive, send: Send) -> None:
            async def changed(message: Message) -> None:
                if message["type"] == "websocket.http.response.start":
                    code = 1008 if any(name == b"origin" for name, _ in scope["headers"]) else 4401
                    await send({"type": "websocket.accept"})
                    await send({"type": "websocket.close", "code": code, "reason": "not for you"})
                elif message["type"] != "websocket.http.response.body":
                    await send(message)

            await app(scope, receive, changed if scope["type"] == "websocket" else send)

        return closing

    seams.wrap(middleware)

"""Each event stream leaves 4 kB behind for good: no clause forbids it, but a comparison of builds has to see it."""

from __future__ import annotations

import os

from starlette.types import ASGIApp, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams

LEAKED_BYTES = 4096


def plant(seams: Seams) -> None:
    """Keep something of each request for a stream."""
    kept: list[bytes] = []

    def middleware(app: ASGIApp) -> ASGIApp:
        async def leaking(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == "/api/copilotkit" and scope["method"] == "GET":
                kept.append(os.urandom(LEAKED_BYTES))
            await app(scope, receive, send)

        return leaking

    seams.wrap(middleware)

"""Every answer, stream and socket begins 30 ms later."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from pulsegate.reference_server.tampering import Seams

LATE_S = 0.03


def plant(seams: Seams) -> None:
    """Wait before each request is looked at."""

    def middleware(app: ASGIApp) -> ASGIApp:
        async def late(scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(LATE_S)
            await app(scope, receive, send)

        return late

    seams.wrap(middleware)

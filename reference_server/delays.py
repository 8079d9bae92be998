"""A known delay before every answer, so that what measures latency can be measured itself."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


class AnswerDelay:
    """Waits `delay_s` before each HTTP request or WebSocket upgrade is looked at."""

    def __init__(self, app: ASGIApp, delay_s: float) -> None:
        self._app = app
        self._delay_s = delay_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, later."""
        if scope["type"] in ("http", "websocket"):
            await asyncio.sleep(self._delay_s)
        await self._app(scope, receive, send)

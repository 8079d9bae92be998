"""Every error is a JSON object with a ``detail`` sentence, and none tells about the inside."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = structlog.get_logger()


def add_handlers(app: FastAPI) -> None:
    """Answer invalid requests with one sentence instead of an echo of what was sent."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, problem: RequestValidationError) -> Response:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return JSONResponse({"detail": f"{place}: {first['msg']}".encode(errors="replace").decode()}, 422)


class CatchErrors:
    """ASGI middleware: an unexpected exception is logged and answered with a plain 500; a client that left is not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; cut the connection when it fails in mid-answer."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as problem:
            logger.exception("failed", error=type(problem).__name__, path=scope.get("path"))
            if scope["type"] == "http" and not started:
                await JSONResponse({"detail": "Internal server error."}, 500)(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011, "reason": "internal error"})

"""Every error is a JSON object with a ``detail`` sentence, and none tells about the inside."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulsegate.reference_server.shared.away import RETRY_LATER, RedisAway
from pulsegate.reference_server.store.failures import StoreAway, Unstorable

logger = structlog.get_logger()

#: When those whom the store failed should try again.
STORE_RETRY_AFTER_S = 1


def add_handlers(app: FastAPI) -> None:
    """Answer invalid requests with one sentence instead of an echo of what was sent."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, problem: RequestValidationError) -> Response:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return JSONResponse({"detail": f"{place}: {first['msg']}".encode(errors="replace").decode()}, 422)

    @app.exception_handler(RedisAway)
    async def redis_away(_: Request, problem: RedisAway) -> Response:
        return JSONResponse({"detail": str(problem)}, 503, headers=RETRY_LATER)

    @app.exception_handler(StoreAway)
    async def store_away(request: Request, problem: StoreAway) -> Response:
        logger.warning("store away", reason=str(problem), path=request.url.path)
        sentence = "The store cannot be used at the moment: try again."
        return JSONResponse({"detail": sentence}, 503, headers={"Retry-After": str(STORE_RETRY_AFTER_S)})

    @app.exception_handler(Unstorable)
    async def unstorable(_: Request, problem: Unstorable) -> Response:
        return JSONResponse({"detail": str(problem)}, 422)


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

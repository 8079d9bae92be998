"""The documented event stream with sse-starlette's EventSourceResponse: lines end in CRLF, comments keep it alive.

Run `python server.py --port 8000`. Tokens are HS256 JSON Web Tokens under the secret in PULSEGATE_JWT_SECRET.
With `--broken` heartbeats are named events, which the documented page does not listen to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import jwt
import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SECRET = os.environ["PULSEGATE_JWT_SECRET"]

parser = argparse.ArgumentParser(description="The documented event stream on sse-starlette.")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--heartbeat", type=float, default=30.0, help="seconds between heartbeats")
parser.add_argument("--ping", type=int, default=15, help="seconds between comments")
parser.add_argument("--broken", action="store_true", help="send heartbeats as named events")
settings = parser.parse_args()


def email_of(request: Request) -> str | None:
    """The e-mail address in the request's token, if it is a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.query_params.get("token", "")
    try:
        return str(jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp"]})["email"])
    except (jwt.PyJWTError, KeyError):
        return None


def event(kind: str, data: dict[str, Any], name: str | None = None) -> ServerSentEvent:
    """One event."""
    return ServerSentEvent(json.dumps({"type": kind, "data": data}), event=name)


async def events(email: str | None) -> AsyncIterator[ServerSentEvent]:
    """The stream: a greeting, then heartbeats."""
    known = {"authenticated": email is not None}
    yield event("connection", {"status": "connected", **known, **({"user": email} if email else {})})
    while True:
        await asyncio.sleep(settings.heartbeat)
        now = datetime.now(UTC).isoformat()
        yield event("heartbeat", {"timestamp": now, **known}, "heartbeat" if settings.broken else None)


async def copilotkit(request: Request) -> EventSourceResponse:
    """GET /api/copilotkit."""
    return EventSourceResponse(events(email_of(request)), ping=settings.ping)


async def health(_: Request) -> JSONResponse:
    """GET /health."""
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[Route("/health", health), Route("/api/copilotkit", copilotkit)],
    middleware=[
        Middleware(
            CORSMiddleware,
            allow_origins=["http://localhost:3000"],
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    ],
)

if __name__ == "__main__":
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning")

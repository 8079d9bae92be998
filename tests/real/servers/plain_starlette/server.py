"""The documented event stream as tutorials write it: FastAPI, a generator, a StreamingResponse.

Run `python server.py --port 8000`. Tokens are HS256 JSON Web Tokens under the secret in PULSEGATE_JWT_SECRET.
With `--broken` the signature of tokens is not verified.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import jwt
import uvicorn
from fastapi import APIRouter, FastAPI, Header, Query
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse

SECRET = os.environ["PULSEGATE_JWT_SECRET"]

parser = argparse.ArgumentParser(description="The documented event stream on a StreamingResponse.")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--heartbeat", type=float, default=30.0, help="seconds between heartbeats")
parser.add_argument("--broken", action="store_true", help="do not verify the signature of tokens")
settings = parser.parse_args()

router = APIRouter()


def decode_access_token(token: str | None) -> dict[str, Any] | None:
    """The claims of a valid token, or None."""
    if not token:
        return None
    try:
        if settings.broken:
            claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        else:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        return None
    return claims


def message(kind: str, data: dict[str, Any]) -> str:
    """One event."""
    return f"data: {json.dumps({'type': kind, 'data': data})}\n\n"


@router.get("/copilotkit")
async def copilotkit_sse(
    authorization: str | None = Header(None), token: str | None = Query(None)
) -> StreamingResponse:
    """Server-sent events for real-time communication."""
    if authorization and authorization.startswith("Bearer "):
        token = authorization.removeprefix("Bearer ")
    user = decode_access_token(token)
    authenticated = user is not None

    async def event_stream() -> AsyncIterator[str]:
        try:
            connection: dict[str, Any] = {"status": "connected", "authenticated": authenticated}
            if user is not None:
                connection["user"] = user["email"]
            yield message("connection", connection)
            while True:
                await asyncio.sleep(settings.heartbeat)
                yield message("heartbeat", {"timestamp": "now", "authenticated": authenticated})
        except Exception:
            yield message("error", {"message": "The stream failed."})

    headers = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}
    return StreamingResponse(event_stream(), media_type="text/event-stream", headers=headers)


app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:3000"],
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
app.include_router(router, prefix="/api", tags=["copilotkit"])


@app.get("/health")
def health() -> dict[str, str]:
    """Whether the server is there."""
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning")

"""SSE: the connection and heartbeat stream on ``GET /api/copilotkit``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.auth import STREAM_CARRIERS, OptionalUser, User
from pulsegate.reference_server.routers import rt
from pulsegate.reference_server.services import Services, services_of
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import EventStreamResponse, sse_frame

FAILURE = "The stream has failed: a failure was asked for."

router = APIRouter()


@router.api_route("/api/copilotkit", methods=["GET", "HEAD"])
async def stream(
    request: Request,
    user: Annotated[User | None, Depends(OptionalUser(STREAM_CARRIERS))],
) -> Response:
    """Open the stream that ``protocol`` names: ``sse`` for the named events, else connection and heartbeats."""
    services = services_of(request)
    if not services.settings.streams:
        return JSONResponse({"detail": "Streams are switched off; POST /ai/chat answers without them."}, 503)
    fail = request.query_params.get("simulate") == "error"
    if request.query_params.get("protocol") == "sse":
        return rt.response(request, user, services, fail=fail)
    return EventStreamResponse(
        events(user, services, stamper_for(request), fail=fail), services=services, surface="sse"
    )


async def events(user: User | None, services: Services, stamper: Stamper, *, fail: bool) -> AsyncGenerator[bytes, None]:
    """The frames of one stream: the connection event, then a heartbeat every interval (or one error)."""
    yield sse_frame(stamper.stamp(connection(user)))
    if fail:
        yield sse_frame(stamper.stamp({"type": "error", "data": {"message": FAILURE}}))
        return
    async with aclosing(services.heartbeats.timestamps()) as timestamps:
        async for timestamp in timestamps:
            if stamper.enabled:
                yield sse_frame(stamper.stamp(heartbeat(timestamp, user is not None)))
            else:
                yield heartbeat_frame(timestamp, user is not None)


def connection(user: User | None) -> dict[str, Any]:
    """The first event."""
    who = {} if user is None else {"user": user.email}
    return {"type": "connection", "data": {"status": "connected", "authenticated": user is not None, **who}}


def heartbeat(timestamp: str, authenticated: bool) -> dict[str, Any]:
    """One heartbeat."""
    return {"type": "heartbeat", "data": {"timestamp": timestamp, "authenticated": authenticated}}


@lru_cache(maxsize=8)
def heartbeat_frame(timestamp: str, authenticated: bool) -> bytes:
    """The frame of one heartbeat, which is the same for all streams that share a tick."""
    return sse_frame(heartbeat(timestamp, authenticated))

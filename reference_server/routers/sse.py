"""SSE: the connection and heartbeat stream on ``GET /api/copilotkit``."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.auth import STREAM_CARRIERS, OptionalUser, User
from pulsegate.reference_server.pushing import PulseResponse
from pulsegate.reference_server.routers import rt
from pulsegate.reference_server.services import services_of
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import EventStreamResponse, Frames, sse_frame

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
    pulse = ServerPulse(user, stamper_for(request))
    if fail:
        return EventStreamResponse(failing(pulse), services=services, surface="sse")
    return PulseResponse(pulse, services=services, surface="sse")


class ServerPulse:
    """The connection event, then a heartbeat every interval."""

    __slots__ = ("_stamper", "_user")

    def __init__(self, user: User | None, stamper: Stamper) -> None:
        self._user = user
        self._stamper = stamper

    def opening(self) -> bytes:
        """The connection event."""
        return self.frame(connection(self._user))

    def beat(self, timestamp: str) -> bytes:
        """One heartbeat."""
        if self._stamper.enabled:
            return self.frame(heartbeat(timestamp, self._user is not None))
        return heartbeat_frame(timestamp, self._user is not None)

    def frame(self, event: dict[str, Any]) -> bytes:
        """The frame of one event, stamped if that was asked for."""
        return sse_frame(self._stamper.stamp(event))


async def failing(pulse: ServerPulse) -> Frames:
    """The frames of a stream that fails at once."""
    yield pulse.opening()
    yield pulse.frame({"type": "error", "data": {"message": FAILURE}})


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

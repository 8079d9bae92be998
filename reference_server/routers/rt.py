"""RT: the named events of a run, on ``GET /api/copilotkit?protocol=sse``."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import HTTPException, Request

from pulsegate.reference_server.auth import User
from pulsegate.reference_server.runs import RunEvent, Telling
from pulsegate.reference_server.services import Services
from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.streaming import EventStreamResponse, comment_frame, sse_frame

RETRY_FRAME = b"retry: 2000\n\n"
KEEPALIVE_FRAME = comment_frame("keepalive")
logger = structlog.get_logger()

DEFAULT_ACCOUNT = "default"
MAX_NAME = 256


@dataclass(frozen=True)
class Opening:
    """Who opens a stream of which session, and what they have already seen of it."""

    user: User | None
    account_id: str
    session_id: str | None
    last_event_id: str | None
    fail: bool


def response(request: Request, user: User | None, services: Services, *, fail: bool) -> EventStreamResponse:
    """The stream of the session that the query names; HTTPException 400 for a name that is too long; RedisAway."""
    if services.shared is not None and not services.shared.hub.connected:
        raise RedisAway
    query = request.query_params
    if any(len(query.get(name, "")) > MAX_NAME for name in ("accountId", "sessionId")):
        raise HTTPException(400, f"accountId and sessionId may have up to {MAX_NAME} characters.")
    opening = Opening(
        user,
        query.get("accountId") or DEFAULT_ACCOUNT,
        query.get("sessionId") or None,
        request.headers.get("last-event-id"),
        fail,
    )
    return EventStreamResponse(events(opening, services, stamper_for(request)), services=services, surface="rt")


async def events(opening: Opening, services: Services, stamper: Stamper) -> AsyncGenerator[bytes, None]:
    """The frames of one stream: greeting, what the client has not seen, then live events and comments."""
    yield RETRY_FRAME
    told = 0
    try:
        async with _session(opening, services) as session:
            told = session.resume_from(opening.last_event_id)
            greeting_id = session.greeting_id(told)
            if greeting_id is not None:
                yield sse_frame(stamper.stamp(_greeting(session, opening.user)), "connection_established", greeting_id)
            async with aclosing(session.after(told, services.settings.heartbeat_s)) as later:
                async for event in later:
                    if event is None:
                        yield KEEPALIVE_FRAME
                        continue
                    told = event.id
                    yield _frame(event, stamper)
                    logger.debug("told", session=session.session_id, id=told)
    except RedisAway as problem:
        yield sse_frame(stamper.stamp({"message": str(problem)}), "error", told + 1)


@asynccontextmanager
async def _session(opening: Opening, services: Services) -> AsyncIterator[Telling]:
    caller = opening.user.id if opening.user else None
    asked = (caller, opening.account_id, opening.session_id)
    if services.shared is not None:
        async with services.shared.runs.opened(*asked, fail=opening.fail) as session:
            yield session
    else:
        with services.runs.opened(*asked, fail=opening.fail) as own:
            yield own


def _frame(event: RunEvent, stamper: Stamper) -> bytes:
    data = stamper.stamp(json.loads(event.data)) if stamper.enabled else event.data
    return sse_frame(data, event.name, event.id)


def _greeting(session: Telling, user: User | None) -> dict[str, Any]:
    return {
        "status": "connected",
        "authenticated": user is not None,
        "user": user.email if user else None,
        "sessionId": session.session_id,
        "runId": session.run_id,
    }

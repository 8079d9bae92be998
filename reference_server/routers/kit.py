"""KIT, ``/api/chatkit``: the ChatKit protocol, its sessions, and uploads that are not there."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import JSONResponse, Response

from pulsegate.reference_server.access import noting_refusals
from pulsegate.reference_server.auth import User, require_user
from pulsegate.reference_server.json_text import read_object
from pulsegate.reference_server.kit.context import Context
from pulsegate.reference_server.kit.dispatch import answer
from pulsegate.reference_server.kit.events import Made, Stream
from pulsegate.reference_server.kit.once import Answers
from pulsegate.reference_server.kit.shapes import keys_in
from pulsegate.reference_server.services import services_of
from pulsegate.reference_server.stamps import Stamper, stamper_for
from pulsegate.reference_server.store import secrets
from pulsegate.reference_server.streaming import EventStreamResponse, sse_frame

router = APIRouter(prefix="/api/chatkit")

REQUEST_ID_LENGTH = 255


async def session_user(request: Request, user: Annotated[User, Depends(require_user)]) -> User:
    """The caller; 401 when a client secret is sent that is not the caller's, or is no longer good."""
    services = services_of(request)
    secret = request.headers.get(services.settings.kit_secret_header)
    if secret is not None and not await services.store.read(secrets.is_valid, user.id, secret):
        services.audit.note(request, "secret.refused", outcome="refused")
        raise HTTPException(401, "The client secret is unknown or has expired.")
    return user


SessionUser = Annotated[User, Depends(session_user)]


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the surface is up; no token needed."""
    return {"status": "ok", "service": "chatkit"}


@router.post("/session")
async def session(request: Request, user: Annotated[User, Depends(require_user)]) -> dict[str, Any]:
    """Issue a client secret to the caller."""
    services = services_of(request)
    secret = await services.store.write(secrets.issue, user.id)
    services.audit.note(request, "session.issued")
    return {
        "client_secret": secret,
        "domain_key": services.settings.domain_key,
        "expires_in": secrets.LIFETIME_S,
        "user_id": user.id,
    }


@router.post("/upload")
async def upload(_user: SessionUser) -> Response:
    """Refuse: there are no uploads."""
    raise HTTPException(501, "File uploads are not currently supported.")


@router.post("")
async def chatkit(request: Request, user: SessionUser) -> Response:
    """Answer one request of the protocol, with JSON or a stream as its type demands."""
    services = services_of(request)
    sent = await read_object(request)
    make = partial(answer, Context(services, user, request), sent)
    request_id = request.headers.get(services.settings.kit_request_id_header)
    async with noting_refusals(request, keys_in(sent.get("params"))):
        made = await _once(request, (user.id, request_id), sent, make) if request_id else await make()
    if isinstance(made, dict):
        return JSONResponse(made)
    frames = _frames(made, stamper_for(request))
    return EventStreamResponse(frames, services=services, surface="kit")


async def _once(
    request: Request, key: tuple[str, str], sent: dict[str, Any], make: Callable[[], Awaitable[Made]]
) -> Made:
    if len(key[1]) > REQUEST_ID_LENGTH:
        raise HTTPException(422, f"The request id is longer than {REQUEST_ID_LENGTH} characters.")
    asked = json.dumps([sent.get("type"), sent.get("params")], sort_keys=True)
    shared = services_of(request).shared
    known = await (shared.answers if shared is not None else _answers(request)).once(key, asked, make)
    return known if isinstance(known, dict) else known.replay()


def _answers(request: Request) -> Answers:
    state = request.app.state
    if not hasattr(state, "kit_answers"):
        state.kit_answers = Answers(services_of(request).closing)
    answers: Answers = state.kit_answers
    return answers


async def _frames(stream: Stream, stamper: Stamper) -> AsyncGenerator[bytes, None]:
    async with aclosing(stream):
        async for event in stream:
            yield sse_frame(stamper.stamp(event))

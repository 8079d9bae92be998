"""WS: rooms of connections that pass messages to each other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import monotonic
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import JSONResponse

from pulsegate.reference_server.auth import ALL_CARRIERS, User, token_of, user_of
from pulsegate.reference_server.envelopes import Envelope, EnvelopeError, envelope, error_envelope, parse_envelope
from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.limits import TokenBucket
from pulsegate.reference_server.rooms import Member, Rooms, deliver
from pulsegate.reference_server.services import Services, services_of
from pulsegate.reference_server.stamps import stamper_for

COMMON_SESSION = "common"
MAX_NAME = 256
MAX_STALL_S = 10.0
NOTICE_EVERY_S = 1.0

router = APIRouter()


@router.websocket("/api/copilotkit/ws")
async def socket(websocket: WebSocket) -> None:
    """Admit a connection, then pass its messages on until it ends."""
    services = services_of(websocket)
    user = user_of(websocket, ALL_CARRIERS)
    refusal = _refusal(websocket, user, services)
    if refusal is not None:
        status, sentence = refusal
        await websocket.send_denial_response(JSONResponse({"detail": sentence}, status))
        return
    query = websocket.query_params
    member = Member(query.get("sessionId") or COMMON_SESSION, query.get("agentId") or None)
    await websocket.accept()
    with services.metrics.open("ws"), suppress(WebSocketDisconnect, TimeoutError):
        await Conversation(websocket, member, user, services).run()


def _refusal(websocket: WebSocket, user: User | None, services: Services) -> tuple[int, str] | None:
    if services.closing.is_set():
        return 503, "The server is shutting down."
    if not origin_allowed(websocket, services.settings.cors_origins):
        return 403, "This origin is not allowed."
    if user is None and token_of(websocket, ALL_CARRIERS) is not None:
        return 403, "The token is not valid."
    if any(len(websocket.query_params.get(name, "")) > MAX_NAME for name in ("sessionId", "agentId")):
        return 400, f"sessionId and agentId may have up to {MAX_NAME} characters."
    return None


def origin_allowed(websocket: WebSocket, allowed: tuple[str, ...]) -> bool:
    """Whether a page of that origin may connect: one on the list, one of our own, or no page at all."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in allowed:
        return True
    return urlsplit(origin).netloc == websocket.headers.get("host")


class Conversation:
    """One accepted connection: reads and passes on, while a second task writes what others sent."""

    def __init__(self, websocket: WebSocket, member: Member, user: User | None, services: Services) -> None:
        self._websocket = websocket
        self._member = member
        self._user = user
        self._services = services
        self._stamper = stamper_for(websocket)
        rate = services.settings.messages_per_s
        self._bucket = TokenBucket(max(rate, 1), rate, monotonic())
        self._noticed_at = -NOTICE_EVERY_S

    async def run(self) -> None:
        """Serve the connection until either side closes it."""
        deliver(self._greeting(), [self._member])
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        try:
            with self._services.rooms.joined(self._member):
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        for task in done:
            task.result()

    def _greeting(self) -> dict[str, object]:
        payload = {
            "connectionId": self._member.connection_id,
            "sessionId": self._member.session_id,
            "agentId": self._member.agent_id,
            "authenticated": self._user is not None,
            "user": self._user.email if self._user else None,
        }
        return envelope("connection_established", payload)

    async def _read(self) -> None:
        while (message := await self._websocket.receive())["type"] == "websocket.receive":
            try:
                self._admit()
                self._pass_on(parse_envelope(message.get("text")))
            except EnvelopeError as problem:
                self._report(problem)

    def _admit(self) -> None:
        if self._bucket.take(monotonic()) > 0:
            rate = self._services.settings.messages_per_s
            raise EnvelopeError("rate_limited", f"More than {rate:g} messages per second are not passed on.")

    def _pass_on(self, received: Envelope) -> None:
        rooms: Rooms = self._services.rooms
        if received.type == "heartbeat":
            receivers = [self._member]
        elif received.type == "agent_message" and received.target is not None:
            receivers = rooms.addressed(self._member, received.target)
            if not receivers:
                raise EnvelopeError("unknown_target", "Nobody of that name is connected.", "target", received.id)
        else:
            receivers = rooms.others(self._member)
        deliver(received.outgoing(self._member.name), receivers)

    def _report(self, problem: EnvelopeError) -> None:
        """Tell the sender; a flood is told about once a second, or the answer would be a flood itself."""
        if problem.code == "rate_limited":
            now = monotonic()
            if now - self._noticed_at < NOTICE_EVERY_S:
                return
            self._noticed_at = now
        deliver(error_envelope(problem), [self._member])

    async def _write(self) -> None:
        outbox = self._member.outbox
        while (parcel := await outbox.get()) is not None:
            text = to_json(self._stamper.stamp(parcel.message)) if self._stamper.enabled else parcel.text
            async with asyncio.timeout(MAX_STALL_S):
                await self._websocket.send_text(text)
            self._services.metrics.count_event("ws")
        if outbox.closing is not None:
            await self._websocket.close(*outbox.closing)

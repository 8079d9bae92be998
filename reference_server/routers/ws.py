"""WS: rooms of connections that pass messages to each other."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.responses import JSONResponse

from pulsegate.reference_server.auth import ALL_CARRIERS, User, token_of, user_of
from pulsegate.reference_server.envelopes import Envelope, EnvelopeError, envelope, error_envelope, parse_envelope
from pulsegate.reference_server.json_text import to_json
from pulsegate.reference_server.limits import TokenBucket
from pulsegate.reference_server.origins import note_refused
from pulsegate.reference_server.rooms import MISSED, Member, deliver
from pulsegate.reference_server.services import Services, services_of
from pulsegate.reference_server.shared.away import AWAY, RETRY_LATER, RedisAway
from pulsegate.reference_server.stamps import stamper_for

if TYPE_CHECKING:
    from pulsegate.reference_server.shared.rooms import SharedRooms

COMMON_SESSION = "common"
MAX_NAME = 256
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
        headers = RETRY_LATER if status == 503 else None
        await websocket.send_denial_response(JSONResponse({"detail": sentence}, status, headers))
        return
    query = websocket.query_params
    member = Member(query.get("sessionId") or COMMON_SESSION, query.get("agentId") or None)
    await websocket.accept()
    services.metrics.count_open("ws", 1)
    try:
        await Conversation(websocket, member, user, services).run()
    except WebSocketDisconnect:
        pass
    finally:
        services.metrics.count_open("ws", -1)


def _refusal(websocket: WebSocket, user: User | None, services: Services) -> tuple[int, str] | None:
    if services.closing.is_set():
        return 503, "The server is shutting down."
    if services.shared is not None and not services.shared.hub.connected:
        return 503, AWAY
    if not origin_allowed(websocket, services.settings.cors_origins):
        note_refused(websocket, websocket.headers["origin"])
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


def _unknown_target(reply_to: str) -> EnvelopeError:
    return EnvelopeError("unknown_target", "Nobody of that name is connected.", "target", reply_to)


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
        shared = self._services.shared
        with self._services.rooms.joined(self._member):
            if shared is None:
                await self._converse()
                return
            try:
                async with shared.rooms.joined(self._member):
                    await self._converse()
            except RedisAway:
                await self._websocket.close(*MISSED)

    async def _converse(self) -> None:
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        try:
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
                await self._pass_on(parse_envelope(message.get("text")))
            except EnvelopeError as problem:
                self._report(problem)

    def _admit(self) -> None:
        if self._bucket.take(monotonic()) > 0:
            rate = self._services.settings.messages_per_s
            raise EnvelopeError("rate_limited", f"More than {rate:g} messages per second are not passed on.")

    async def _pass_on(self, received: Envelope) -> None:
        message = received.outgoing(self._member.name)
        target = received.target if received.type == "agent_message" else None
        if received.type == "heartbeat":
            deliver(message, [self._member])
        elif self._services.shared is not None:
            await self._pass_on_shared(self._services.shared.rooms, message, target)
        elif target is None:
            deliver(message, self._services.rooms.others(self._member))
        else:
            receivers = self._services.rooms.addressed(self._member, target)
            if not receivers:
                raise _unknown_target(received.id)
            deliver(message, receivers)

    async def _pass_on_shared(self, rooms: SharedRooms, message: dict[str, Any], target: str | None) -> None:
        try:
            if target is None:
                await rooms.tell_others(self._member, to_json(message))
            elif not await rooms.tell(self._member, target, to_json(message)):
                raise _unknown_target(message["id"])
        except RedisAway as problem:
            raise EnvelopeError("unavailable", str(problem), reply_to=message["id"]) from None

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
            await self._websocket.send_text(text)
            self._services.metrics.count_event("ws")
        if outbox.closing is not None:
            await self._websocket.close(*outbox.closing)

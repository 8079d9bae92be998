"""Opening and ending connections of the WebSocket surface: welcomed, refused, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.websocket import WebSocket
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.errors import StreamEnded
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.json_values import is_id, shown
from pulsegate.scenarios.contract.ws_payloads import new_id, padded_heartbeat
from pulsegate.scenarios.contract.ws_peers import WELCOME, Peer, echoes, left, paced
from pulsegate.scenarios.contract.ws_tools import Message, envelope_fault

#: A reset may overtake the close frame of a server that has not read everything: so often it is asked again.
ATTEMPTS = 3


def upgrade_cause(status: int, headers: Headers, body: bytes) -> str | None:
    """The documented cause (a key of WS-1's causes) that fits a refused upgrade."""
    media_type = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    is_page = media_type == "text/html" or body.lstrip()[:15].lower().startswith((b"<!doctype", b"<html"))
    if status == 404:
        return "missing-location" if is_page else "upgrade-lost"
    if status == 200:
        return "front-end" if is_page else "stream-location" if media_type == "text/event-stream" else None
    causes = {400: "upgrade-lost", 405: "upgrade-lost", 426: "upgrade-lost", 401: "refused", 403: "refused"}
    return {**causes, 502: "backend-down", 503: "backend-down", 504: "backend-down"}.get(status)


def describe_refusal(socket: WebSocket) -> str:
    """What a refused upgrade was answered with."""
    body = socket.refused.body[:200].decode("utf-8", "replace") if socket.refused else ""
    return f"status {socket.status}, {socket.headers.get('content-type') or 'no Content-Type'}: {body}"


async def expect_welcome(check: Check, socket: WebSocket) -> object:
    """The first message is a whole connection_established; its connectionId is returned."""
    first = (await socket.receive(check.answer_timeout_s)).json()
    fault = envelope_fault(check.profile.ws.members, first)
    check.expect(fault is None, f"a whole envelope as the first message: {WELCOME}", f"{fault} in {shown(first)}")
    check.expect(first["type"] == WELCOME, f"{WELCOME} as the first message", shown(first))
    connection = first["payload"].get("connectionId")
    check.expect(is_id(connection), "payload.connectionId", shown(first["payload"]))
    return connection


async def reception(
    check: Check,
    *,
    who: User | str | None = None,
    carrier: Carrier = "bearer",
    headers: Mapping[str, str] | None = None,
) -> str:
    """How a client is received that should be refused: ``status N``, ``close code N``, or what else happened.

    It counts as served, whatever comes later, once it gets its heartbeat back.
    """
    room, sign = new_id(), new_id()
    query = {"sessionId": room}
    async with check.websocket(who=who, carrier=carrier, query=query, headers=headers, expect_open=False) as socket:
        if socket.refused is not None:
            return f"status {socket.status}"
        peer = Peer(check, socket, "newcomer", room, "")
        with suppress(StreamEnded):
            await socket.send_text(padded_heartbeat(peer.names, 0, sign))
        if await peer.until(lambda message: echoes(message, sign)):
            return "connected and served"
        if socket.close_code is not None:
            return f"close code {socket.close_code}"
        return f"connected, not served, {left(socket) or 'and not closed'}"


def foreign_origins(allowed: str) -> tuple[str, ...]:
    """Origins that are not `allowed`, though two of them look like it."""
    parts = urlsplit(allowed)
    return (
        "https://attacker.example",
        f"{allowed}.attacker.example",
        f"{parts.scheme}://attacker{parts.netloc}",
        "null",
    )


async def errors_in_time(sender: Peer, target: object) -> list[Message]:
    """The errors that messages to a `target` that has just left call forth; the server may need a moment to notice."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + sender.check.answer_timeout_s
    errors: list[Message] = []
    while not errors and clock() < deadline:
        await paced(sender.check, [partial(sender.send, "agent_message", {}, target=target), sender.fence] * 4)
        errors = sender.messages("error")
    return errors


async def close_code_of_large_frame(check: Check, who: User | None, room: str, size: int) -> int | None:
    """The close code that a text frame of `size` bytes calls forth; None when there is none, however often asked."""
    code: int | None = None
    for _attempt in range(ATTEMPTS):
        async with check.websocket(who=who, query={"sessionId": room}) as socket:
            await socket.receive(check.answer_timeout_s)
            sending = asyncio.create_task(socket.send_text(padded_heartbeat(check.profile.ws.members, size, new_id())))
            code = await socket.wait_closed(check.answer_timeout_s)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        if code is not None:
            break
    return code

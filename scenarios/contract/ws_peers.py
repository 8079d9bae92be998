"""Clients in the rooms of the WebSocket surface."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from pulsegate.harness.clients.websocket import Incoming, WebSocket
from pulsegate.harness.contract import Check
from pulsegate.harness.contract.outcomes import NotMeasured
from pulsegate.harness.contract.requests import Carrier
from pulsegate.harness.errors import ProtocolViolation, StreamEnded, TimedOut
from pulsegate.harness.identities import User
from pulsegate.scenarios.contract.ws_payloads import new_id
from pulsegate.scenarios.contract.ws_tools import Mark, Message, envelope, mark_in

T = TypeVar("T", bound=Hashable)

#: Messages per second of one client where the profile names no limit.
USUAL_RATE = 40.0

#: Share of the target's message rate that is used: under half, the heartbeats between included.
SHARE_OF_LIMIT = 0.42

WELCOME = "connection_established"

#: Messages sent back to back between two pauses.
BURST = 4


def person(check: Check, name: str) -> User | None:
    """`name` with a token, or an anonymous client where the profile gives no identity."""
    try:
        return check.user(name)
    except NotMeasured as reason:
        check.partly(f"with anonymous clients only: {reason}")
        return None


async def cast(check: Check) -> dict[str, User | None]:
    """Three kinds of clients: two users, and one without a token, or another of alice where a token is demanded.

    NotMeasured where none of them is let in, which is what WS-1 is about, or where heartbeats do not come back.
    """
    people = {"alice": person(check, "alice"), "bob": person(check, "bob"), "nobody": None}
    door = await check.shared("ws-door", partial(_knock, check, people))
    if len(door.refusals) == len(people) and check.clause.id != "WS-1":
        check.not_measured(f"the upgrade is refused with status {door.refusals['nobody']} (WS-1)")
    if not door.echoes and check.clause.id not in ("WS-1", "WS-2"):
        check.not_measured("heartbeats are not echoed (WS-2), so the end of what a client is sent cannot be told")
    if door.refusals.get("nobody") in (401, 403):
        check.partly("a client without a token is refused (WS-8): another one of alice in its place")
        people["nobody"] = people["alice"]
    return people


@dataclass(slots=True)
class Door:
    """How a server lets clients in: the status that each is refused with, and whether a heartbeat comes back."""

    refusals: dict[str, int] = field(default_factory=dict)
    echoes: bool = True


async def _knock(check: Check, people: Mapping[str, User | None]) -> Door:
    door = Door()
    asked = False
    for name, who in people.items():
        async with check.websocket(who=who, expect_open=False) as socket:
            if socket.refused is not None:
                door.refusals[name] = socket.status
            elif not asked:
                door.echoes, asked = await _echoed(check, socket), True
    return door


async def _echoed(check: Check, socket: WebSocket) -> bool:
    """Whether a connection that stays open sends a heartbeat back; messages that cannot be read say nothing of it."""
    sign = new_id()
    try:
        await socket.send_json(envelope(check.profile.ws.members, "heartbeat", sign, {"sign": sign}))
        answered = await Peer(check, socket, "first", "", "").until(lambda message: echoes(message, sign))
    except (ProtocolViolation, StreamEnded):
        return True
    return answered or socket.closed


async def paced(check: Check, sends: Iterable[Callable[[], Awaitable[object]]], *, messages_each: int = 1) -> None:
    """Run `sends`, of `messages_each`, in small bursts, together under half of the target's message rate."""
    started = asyncio.get_running_loop().time()
    rate = message_rate(check) / messages_each
    for number, send in enumerate(sends):
        if number % BURST == 0:
            due = started + number / rate
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))
        await send()


def message_rate(check: Check) -> float:
    """Messages per second that one client may send without coming near the target's limit."""
    limit = check.profile.limits.messages_per_s
    return limit * SHARE_OF_LIMIT if limit else USUAL_RATE


class Peer:
    """One client that has joined a room: what it sends, and what it was sent since it joined."""

    def __init__(self, check: Check, socket: WebSocket, label: str, room: str, agent: str) -> None:
        self.check = check
        self.socket = socket
        self.label = label
        self.room = room
        self.agent = agent
        self.names = check.profile.ws.members
        self.welcome: Message = {}
        self.connection: Any = None
        self._signature = new_id()[:12]
        self._sent = 0
        self._decoded: list[Message] = []
        self._start = 0

    # -- sending

    async def send(self, message_type: str, payload: object, **members: object) -> str:
        """Send one message with no more members than a client must give; its id is returned."""
        self._sent += 1
        message_id = f"{self.label}-{self._signature}-{self._sent}"
        message = envelope(self.names, message_type, message_id, payload, **members)
        await self.socket.send_text(json.dumps(message, ensure_ascii=self._sent % 2 == 0))
        return message_id

    async def send_whole(self, message_type: str, payload: object, **members: object) -> str:
        """Like `send`, with the members that a client may leave out."""
        stamp = "2026-11-21T10:11:12.345Z"
        return await self.send(message_type, payload, timestamp=stamp, source=self.agent, **members)

    # -- what arrived

    def messages(self, message_type: str | None = None, *, since: int = 0) -> list[Message]:
        """What has arrived since it joined, or since a `position`, of one type or of all."""
        new = self.socket.messages[len(self._decoded) :]
        self._decoded += [_decoded(incoming) for incoming in new]
        seen = self._decoded[self._start + since :]
        return [message for message in seen if message_type in (None, message.get("type"))]

    @property
    def position(self) -> int:
        """How many messages have arrived so far."""
        return len(self.messages())

    def start_here(self) -> None:
        """Forget what has arrived so far."""
        self._start += self.position

    def strays(self, room: str) -> list[Message]:
        """Messages of any type that carry a mark of `room`."""
        found = [(message, mark_in(message)) for message in self.messages()]
        return [message for message, mark in found if mark and mark.room == room]

    # -- waiting

    async def until(self, wanted: Callable[[Message], bool], *, since: int = 0, timeout_s: float | None = None) -> bool:
        """Read until a `wanted` message has arrived; False when none came in time, or the server closed."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + (self.check.answer_timeout_s if timeout_s is None else timeout_s)
        while True:
            fresh = self.messages(since=since)
            if any(wanted(message) for message in fresh):
                return True
            since += len(fresh)
            try:
                await self.socket.receive(max(deadline - clock(), 0))
            except (TimedOut, StreamEnded):
                return any(wanted(message) for message in self.messages(since=since))

    async def until_all(
        self, wanted: Iterable[T], key: Callable[[Message], T | None], *, timeout_s: float | None = None
    ) -> None:
        """Read until a message of every key `wanted` has been seen, or for a time: an account shows what is lost."""
        waiting = set(wanted)

        def all_seen(message: Message) -> bool:
            found = key(message)
            if found is not None:
                waiting.discard(found)
            return not waiting

        if waiting:
            await self.until(all_seen, timeout_s=timeout_s)

    async def fence(self) -> None:
        """A heartbeat and back: whatever the server had for this client before it has arrived."""
        sign = new_id()
        since = self.position
        await self.socket.send_json(envelope(self.names, "heartbeat", sign, {"sign": sign}))
        if await self.until(lambda message: echoes(message, sign), since=since):
            return
        self.check.expect(not left(self.socket), f"the connection of {self.label} stays open", left(self.socket))
        self.check.expect(self.check.clause.id != "WS-2", f"the heartbeat of {self.label} echoed", "no echo in time")
        self.check.not_measured(
            f"the heartbeat of {self.label} is not echoed (WS-2), so the end of what it is sent cannot be told"
        )


def echoes(message: Message, sign: str) -> bool:
    """Whether `message` answers the heartbeat that carried `sign` as its id and in its payload."""
    return message.get("type") == "heartbeat" and sign in json.dumps(message)


def _decoded(incoming: Incoming) -> Message:
    """The message; what is no object counts as one without a type."""
    value: Any = incoming.json()
    return value if isinstance(value, dict) else {"payload": value}


def left(socket: WebSocket) -> str:
    """How the server ended the connection, for a report; empty while it lives."""
    code = "" if socket.close_code is None else f"close code {socket.close_code}"
    return ", ".join(part for part in (code, socket.close_reason, socket.problem or "") if part)


@dataclass(frozen=True, slots=True)
class Letter:
    """A marked message to be sent, and the labels of those it is for; `last` of its kind."""

    mark: Mark
    send: Callable[[], Awaitable[object]]
    readers: frozenset[str]
    last: bool = False


class Lobby:
    """Opens clients and closes what is left of them at the end."""

    def __init__(self, check: Check, stack: AsyncExitStack) -> None:
        self._check = check
        self._stack = stack

    async def join(
        self,
        label: str,
        room: str,
        who: User | None = None,
        *,
        common: bool = False,
        agent: str = "",
        carrier: Carrier = "bearer",
        headers: Mapping[str, str] | None = None,
    ) -> Peer:
        """A client that is in `room` (or, `common`, in the session of those who name none) for certain.

        It calls itself `agent`, or by a name that nobody else has.
        """
        agent = agent or f"{label}-{new_id()[:12]}"
        query = {"agentId": agent} if common else {"sessionId": room, "agentId": agent}
        opening = self._check.websocket(who=who, carrier=carrier, query=query, headers=headers)
        socket = await self._stack.enter_async_context(opening)
        peer = Peer(self._check, socket, label, room, agent)
        arrived = await peer.until(lambda message: message.get("type") == WELCOME)
        self._check.expect(arrived, f"a {WELCOME} message for {label}", left(socket) or "none in time")
        payload = peer.messages(WELCOME)[0].get("payload")
        peer.welcome = payload if isinstance(payload, dict) else {}
        peer.connection = peer.welcome.get("connectionId")
        await peer.fence()
        peer.start_here()
        return peer


@asynccontextmanager
async def lobby(check: Check) -> AsyncIterator[Lobby]:
    """``async with lobby(check) as rooms: alice = await rooms.join("alice", room, user)``."""
    await cast(check)  # without anybody who is let in, nothing can be measured
    async with AsyncExitStack() as stack:
        yield Lobby(check, stack)


async def provoke(peer: Peer, send: Callable[[], Awaitable[object]]) -> list[Message]:
    """The ``error`` messages that `send` calls forth; waits for the first, and until the connection proves alive."""
    since = peer.position
    await send()
    await peer.fence()
    await peer.until(lambda message: message.get("type") == "error", since=since)
    return peer.messages("error", since=since)


async def converse(peers: Sequence[Peer], letters: Mapping[str, Sequence[Letter]]) -> None:
    """Everybody sends their `letters` (by label) at once, and reads until the last of every other's has arrived."""
    check = peers[0].check
    longest = max(len(own) for own in letters.values()) / message_rate(check)
    finals = {letter.mark: letter for own in letters.values() for letter in own if letter.last}

    async def listen(peer: Peer) -> None:
        marks = [mark for mark, letter in finals.items() if peer.label in letter.readers]
        await peer.until_all(marks, mark_in, timeout_s=longest + check.answer_timeout_s)

    sending = (paced(check, [letter.send for letter in letters[peer.label]]) for peer in peers if peer.label in letters)
    await asyncio.gather(*sending, *(listen(peer) for peer in peers))

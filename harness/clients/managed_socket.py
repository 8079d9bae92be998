"""The managed WebSocket: queues what is said offline, measures latency by heartbeats, gathers updates."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from pulsegate.harness.clients.managed import Ending, ManagedClient, Policy, refused
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.options import ConnectOptions
from pulsegate.harness.clients.request import Request
from pulsegate.harness.clients.websocket import Incoming, WebSocket, open_websocket
from pulsegate.harness.errors import ProtocolViolation, StreamEnded, TimedOut
from pulsegate.harness.timing.reconnect import FINAL_CLOSE_CODES, State
from pulsegate.harness.timing.send_queue import SendQueue
from pulsegate.harness.timing.updates import UpdateBatcher

#: As many messages wait for whoever awaits them; beyond that the oldest gives way.
MOST_UNREAD = 10_000

Envelope = dict[str, Any]


class ManagedSocket(ManagedClient):
    """A WebSocket that comes back, and then says what was to be said meanwhile: in order, once.

    `on_message` is called for each message as it comes; heartbeats of its own are not handed on.
    """

    def __init__(
        self,
        request: Request,
        options: ConnectOptions,
        masker: Masker,
        policy: Policy | None = None,
        *,
        on_message: Callable[[Envelope], None] | None = None,
        random: Random | None = None,
    ) -> None:
        super().__init__(request, options, masker, policy, random)
        self._on_message = on_message
        self._socket: WebSocket | None = None
        self._sending = asyncio.Lock()
        self._unread: deque[Envelope] = deque()
        self._beats: dict[str, int] = {}
        self._updates = UpdateBatcher()
        self._updated = asyncio.Event()
        #: What waits for the next connection.
        self.queue: SendQueue[Envelope] = SendQueue()
        #: Messages sent; those of them whose connection broke at that moment, so that they may not have arrived.
        self.sent = self.uncertain = 0
        #: Messages that were handed on, and those that gave way unread.
        self.received = self.unread_dropped = 0

    async def next_message(self, timeout_s: float) -> Envelope:
        """The next message, whichever connection it comes on.

        Raises TimedOut, or StreamEnded with the reason once the client has failed.
        """
        await self.changes.until(lambda: bool(self._unread) or self.state is State.FAILED, timeout_s)
        if self._unread:
            return self._unread.popleft()
        if self.state is State.FAILED:
            raise StreamEnded(self.reason)
        raise TimedOut(f"no further message within {timeout_s:g} s: the client is {self.state}")

    async def send(self, kind: str, payload: Any, **members: Any) -> bool:
        """Send a message of that `kind`, or let it wait for the next connection; whether it was sent now."""
        message = {"type": kind, "id": str(uuid.uuid4()), **members, "payload": payload, "timestamp": _now_ms()}
        async with self._sending:
            if self.is_connected and await self._deliver(message):
                return True
            self.queue.put(message)
            return False

    async def send_state_update(self, state: Mapping[str, Any], source_agent: str | None = None) -> bool:
        """Tell every other client of the session of a new state."""
        return await self.send("state_update", dict(state), **({"source": source_agent} if source_agent else {}))

    async def send_agent_message(self, sender: str, target: str, kind: str, payload: Any) -> bool:
        """Say something to one agent."""
        return await self.send("agent_message", {"type": kind, "payload": payload}, source=sender, target=target)

    async def send_agent_status(self, status: Mapping[str, Any]) -> bool:
        """Tell the others how an agent fares."""
        return await self.send("agent_status", dict(status))

    async def update_state(self, update: Mapping[str, Any], *, urgent: bool = False) -> None:
        """Change the state: updates are gathered (10, or until none came for 100 ms) and sent as one."""
        batch = self._updates.add(update, asyncio.get_running_loop().time(), urgent=urgent)
        if batch is not None:
            await self.send_state_update(batch)
        else:
            self._updated.set()

    def drop(self) -> None:
        """Reset the connection, as a network that fails would; the client comes back."""
        if self._socket is not None:
            self._socket.abort()

    def _work(self) -> list[Callable[[], Awaitable[None]]]:
        return [*super()._work(), self._send_updates]

    async def _send_updates(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._updated.wait()
            self._updated.clear()
            while (due_s := self._updates.due_s) is not None:
                await asyncio.sleep(due_s - loop.time())
                batch = self._updates.poll(loop.time())
                if batch is not None:
                    await self.send_state_update(batch)

    async def _deliver(self, message: Envelope) -> bool:
        """Send `message`; False when it certainly did not leave."""
        socket = self._socket
        if socket is None or socket.closed:
            return False
        self.sent += 1
        try:
            await socket.send_json(message)
        except (StreamEnded, TimedOut):
            self.uncertain += 1
        return True

    async def _flush(self) -> None:
        while (message := self.queue.take()) is not None:
            if not await self._deliver(message):
                self.queue.put_back(message)
                return

    async def _converse(self) -> Ending:
        socket = await open_websocket(
            self._request, self._options, self._masker, timeout_s=self.policy.timeout_s, obey_limits=False
        )
        async with socket:
            if socket.refused is not None:
                return refused(socket.status, socket.headers, f"the upgrade was answered {socket.status}")
            beating: asyncio.Task[None] | None = None
            try:
                async with self._sending:  # what is said from now on comes after what has waited
                    self._socket = socket
                    self._established()
                    await self._flush()
                beating = asyncio.create_task(self._beat(socket))
                return await self._follow(socket)
            finally:
                self._socket = None
                self._beats.clear()
                if beating is not None:
                    beating.cancel()
                    await asyncio.gather(beating, return_exceptions=True)

    async def _follow(self, socket: WebSocket) -> Ending:
        while True:
            try:
                self._take(await socket.receive(self._dead_s))
            except TimedOut:
                return Ending(f"nothing came for {self._dead_s:g} s, not even the echo of a heartbeat")
            except StreamEnded as ended:
                return Ending(str(ended), final=socket.close_code in FINAL_CLOSE_CODES)

    def _take(self, incoming: Incoming) -> None:
        assert self.clocks is not None
        self.clocks.read(incoming.arrival.at_ns)
        try:
            message = incoming.json()
        except ProtocolViolation:
            return  # whoever follows the contract judges it; a client passes over what it cannot read
        if not isinstance(message, dict):
            return
        beat_id = message.get("id")
        sent_ns = self._beats.pop(beat_id, None) if isinstance(beat_id, str) else None
        if sent_ns is not None:
            self.latency_ms = max(0, incoming.arrival.at_ns - sent_ns) / 1e6
            self.changes.notify()
            return
        self.agents.take(str(message.get("type")), message.get("payload"), incoming.arrival.at_ns)
        self._hand_on(message)

    def _hand_on(self, message: Envelope) -> None:
        self.received += 1
        self._unread.append(message)
        if len(self._unread) > MOST_UNREAD:
            self._unread.popleft()
            self.unread_dropped += 1
        if self._on_message is not None:
            self._on_message(message)
        self.changes.notify()

    async def _beat(self, socket: WebSocket) -> None:
        """Send a heartbeat at once, for a first latency, and then each interval."""
        while True:
            beat_id = str(uuid.uuid4())
            self._beats = {beat_id: time.time_ns()}
            message = {"type": "heartbeat", "id": beat_id, "payload": {}, "timestamp": _now_ms()}
            try:
                await socket.send_json(message)
            except (StreamEnded, TimedOut):
                return
            await asyncio.sleep(self.policy.interval_s)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""A user that holds a WebSocket and measures its round trip by heartbeats."""

from __future__ import annotations

import json
import time
from itertools import count

from locust.env import Environment

from pulsegate.harness.errors import PeerError, ProtocolViolation, StreamEnded
from pulsegate.harness.load.base import HoldingUser
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.wire.address import Address
from pulsegate.harness.wire.events import Closed, Opened, Refused, Text
from pulsegate.harness.wire.websocket import WebSocketWire


class WebSocketUser(HoldingUser):
    """One WebSocket; sends a heartbeat each advertised interval and times its echo."""

    abstract = True
    surface = "ws"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._wire: WebSocketWire | None = None
        self._sent_ns: dict[str, int] = {}

    def opening(self, connection: Connection, address: Address, headers: dict[str, str]) -> None:
        """Ask for the upgrade."""
        self._wire = WebSocketWire(address, tuple(headers.items()))
        self._flush()

    def holding(self) -> None:
        """Send heartbeats until the connection is over."""
        interval_s = self.recorder.target.profile.timing.heartbeat_s
        for number in count(1):
            if self._over.wait(timeout=interval_s):
                return
            if self._lives:
                self._beat(f"beat-{number}")

    def _beat(self, beat_id: str) -> None:
        assert self._wire is not None
        if self._sent_ns:
            self.recorder.heartbeats.missed += len(self._sent_ns)
            self._sent_ns.clear()
        member = self.recorder.target.profile.ws.members.id
        self._sent_ns[beat_id] = now_ns = time.time_ns()
        message = {"type": "heartbeat", member: beat_id, "payload": {}, "timestamp": now_ns // 1_000_000}
        try:
            self._wire.send_text(json.dumps(message))
            self._flush()
        except PeerError as problem:
            self.recorder.problem(f"{self.surface}: {problem}")

    def _flush(self) -> None:
        assert self._wire is not None
        assert self.connection is not None
        for data in self._wire.data_to_send():
            if data:
                self.connection.send(data)

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Parse and count."""
        assert self._wire is not None
        self._wire.receive_data(data)
        self._flush()
        for event in self._wire.events_received():
            match event:
                case Refused():
                    raise ProtocolViolation(f"the upgrade was answered {event.status}")
                case Closed():
                    raise StreamEnded(event.problem or f"the server closed with {event.code}")
                case Text():
                    self._take(event.text, arrival)
                case Opened() | _:
                    pass

    def _take(self, text: str, arrival: Arrival) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            self.recorder.problem(f"{self.surface}: a message was not JSON")
            return
        if not self._lives:
            self.established(arrival)
        beat_id = message.get(self.recorder.target.profile.ws.members.id) if isinstance(message, dict) else None
        sent_ns = self._sent_ns.pop(beat_id, None) if isinstance(beat_id, str) else None
        if sent_ns is not None:
            self.recorder.heartbeats.received += 1
            self.recorder.add(f"{self.surface}.round_trip", (arrival.at_ns - sent_ns) / 1e6)

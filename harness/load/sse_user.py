"""A user that holds an event stream and counts its heartbeats."""

from __future__ import annotations

from locust.env import Environment

from pulsegate.harness.errors import ProtocolViolation
from pulsegate.harness.load.base import HoldingUser
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.http import StreamedAnswer, stream_request
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message
from pulsegate.harness.timing.stream import EventStream
from pulsegate.harness.wire.address import Address


class SSEUser(HoldingUser):
    """One event stream; each event after the first counts as a heartbeat."""

    abstract = True
    surface = "sse"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._answer = StreamedAnswer()
        self._events = EventStream()
        self._last: Arrival | None = None

    def opening(self, connection: Connection, address: Address, headers: dict[str, str]) -> None:
        """Ask for the stream."""
        connection.send(stream_request(address, headers))

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Parse and count."""
        body = self._answer.receive_data(data)
        if self._answer.problem:
            raise ProtocolViolation(self._answer.problem)
        for timed in self._events.receive_data(body, arrival):
            if isinstance(timed.event, Message):
                self._count(arrival)
        if self._answer.message_complete:
            self._events.receive_eof()
            raise ProtocolViolation("the stream ended")

    def _count(self, arrival: Arrival) -> None:
        last, self._last = self._last, arrival
        if last is None:
            self.established(arrival)
            return
        self.recorder.heartbeats.received += 1
        if arrival.late or last.late:  # the generator's own doing
            return
        gap_ms = (arrival.at_ns - last.at_ns) / 1e6
        interval_ms = self.recorder.target.profile.timing.heartbeat_s * 1000
        self.recorder.heartbeats.missed += max(0, round(gap_ms / interval_ms) - 1)
        self.recorder.add(f"{self.surface}.heartbeat_gap", gap_ms)

"""The reading half of a WebSocket: takes each read as it comes, and never waits for anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulsegate.harness.clients.answer import parse_json
from pulsegate.harness.clients.connection import Connection, words
from pulsegate.harness.clients.evidence import Transcript
from pulsegate.harness.clients.headers import Headers
from pulsegate.harness.clients.masking import Masker
from pulsegate.harness.clients.waiting import Changes
from pulsegate.harness.errors import ProtocolViolation, StreamEnded
from pulsegate.harness.timing.arrival import Arrival, Read
from pulsegate.harness.wire.events import Binary, Closed, Opened, Pong, Refused, Text, WebSocketEvent
from pulsegate.harness.wire.websocket import WebSocketWire

#: The most that one WebSocket may bring, in bytes.
LARGEST_CONVERSATION = 64 * 1024 * 1024
#: What keeping a message costs beside its bytes.
_MESSAGE_COST = 512


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message: `text` is a str, or bytes when the message was a binary one."""

    text: str | bytes
    arrival: Arrival
    masker: Masker = field(default_factory=Masker, repr=False, compare=False)

    def json(self) -> Any:
        """The message as JSON; ProtocolViolation shows how it begins."""
        return parse_json(self.text, "the WebSocket message", self.masker)


class WebSocketReader:
    """One WebSocket, parsed as it comes into `messages`, `pongs` and how it was `closed`."""

    def __init__(
        self, connection: Connection, wire: WebSocketWire, transcript: Transcript, masker: Masker, where: str
    ) -> None:
        self._connection = connection
        self._wire = wire
        self._transcript = transcript
        self._masker = masker
        self._cost = 0
        self._arrival = Arrival(0, 0, 0, kernel=False)
        #: The URL, for sentences.
        self.where = where
        self.changes = Changes()
        self.opened: Opened | None = None
        self.refused: Refused | None = None
        self.closed: Closed | None = None
        self.messages: list[Incoming] = []
        self.pongs: dict[bytes, Arrival] = {}
        #: The connection itself has ended.
        self.at_end = False

    def read_received(self, read: Read) -> None:
        """Take one read; an empty one is the end of the connection."""
        if read.data:
            self._cost += len(read.data)
            self._wire.receive_data(read.data)
        else:
            self.at_end = True
            self._wire.receive_eof()
        self.flush()
        self._arrival = read.arrival
        self.take_events()
        if self._cost > LARGEST_CONVERSATION:
            self._close(Closed(None, "", f"more than {LARGEST_CONVERSATION // 2**20} MiB came"))
            self._connection.stop_reading()
        self.changes.notify()

    def connection_lost(self, problem: OSError | ProtocolViolation) -> None:
        """Take the break of the connection."""
        self.at_end = True
        told = words(problem) if isinstance(problem, OSError) else str(problem)
        self._close(Closed(None, "", f"the connection was reset ({told})"))
        self.changes.notify()

    def take_events(self) -> None:
        """Take what the protocol has to report of the last read."""
        for event in self._wire.events_received():
            self._take(event, self._arrival)

    def flush(self) -> None:
        """Send what the protocol has to say."""
        for data in self._wire.data_to_send():
            if data:
                self._connection.write(data)
            else:
                self._connection.write_eof()

    def error(self) -> StreamEnded:
        """What to raise to whoever awaits or sends more: always a new exception."""
        if self.refused is not None:
            return StreamEnded(self.say(f"the WebSocket was refused with status {self.refused.status}"))
        if self.closed is None:
            return StreamEnded(self.say("the WebSocket was closed here"))
        if self.closed.problem is not None:
            return StreamEnded(self.say(f"the WebSocket failed: {self.closed.problem}"))
        reason = f" ({self.closed.reason})" if self.closed.reason else ""
        return StreamEnded(self.say(f"the peer closed the WebSocket with code {self.closed.code}{reason}"))

    def say(self, what: str) -> str:
        """`what` happened where, without secrets."""
        return self._masker.mask(f"{self.where}: {what}")

    def _take(self, event: WebSocketEvent, arrival: Arrival) -> None:
        match event:
            case Opened():
                self.opened = event
                self._transcript.answered(event.status, Headers(event.headers))
            case Refused():
                self.refused = event
                self._transcript.answered(event.status, Headers(event.headers))
                self._transcript.ended = "refused"
                if event.body:
                    self._transcript.received(event.body, arrival)
            case Text():
                self._add(event.text, event.text.encode(), arrival)
            case Binary():
                self._add(event.data, event.data, arrival)
            case Pong():
                self.pongs[event.data] = arrival
            case Closed():
                self._close(event)

    def _add(self, message: str | bytes, data: bytes, arrival: Arrival) -> None:
        self._cost += _MESSAGE_COST
        self._transcript.received(data, arrival)
        self.messages.append(Incoming(message, arrival, self._masker))

    def _close(self, closed: Closed) -> None:
        if self.closed is not None:
            return
        self.closed = closed
        self._transcript.ended = "no close frame" if closed.code is None else str(closed.code)
        self._transcript.problem = closed.problem

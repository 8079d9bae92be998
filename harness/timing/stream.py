"""An event stream with its arrival times: which read completed which event, and what came together."""

from __future__ import annotations

from dataclasses import dataclass

from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import MAX_EVENT, MAX_LINE, Message, SSEEvent, SSEParser


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event, and the arrival of the read that completed it.

    `read` counts the reads that held bytes of the stream, from 0. `together` is how many messages that
    read completed: what a buffering proxy changes. Where `arrival.late`, blame the reader for it.
    """

    event: SSEEvent
    arrival: Arrival
    read: int
    together: int


class EventStream:
    """The body of one event stream, read by read.

    Give it all the bytes of one read in one call (join the pieces of a chunked body first): a call is
    a read, and `together` is counted by it.
    """

    __slots__ = ("_reads", "parser")

    def __init__(self, *, max_line: int = MAX_LINE, max_event: int = MAX_EVENT, last_event_id: str = "") -> None:
        self._reads = 0
        #: The parser, for `last_event_id`, `retry_ms`, `unterminated` and `invalid_utf8`.
        self.parser = SSEParser(max_line=max_line, max_event=max_event, last_event_id=last_event_id)

    def receive_data(self, data: bytes, arrival: Arrival) -> list[TimedEvent]:
        """Take one read and return the events it completes; raises as `SSEParser.receive_data` does."""
        if not data:
            return []
        read = self._reads
        self._reads += 1
        events = self.parser.receive_data(data)
        together = sum(isinstance(event, Message) for event in events)
        return [TimedEvent(event, arrival, read, together) for event in events]

    def receive_eof(self) -> None:
        """Take the end of the body; raises as `SSEParser.receive_eof` does."""
        self.parser.receive_eof()

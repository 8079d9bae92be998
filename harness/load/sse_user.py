"""A user that holds event streams and measures what arrives on them."""

from __future__ import annotations

from functools import partial

from locust.env import Environment

from pulsegate.harness.load.base import HoldingUser
from pulsegate.harness.load.http import request
from pulsegate.harness.load.line import Line
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.sse_stream import SSEStream, says_complete, says_heartbeat
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message


class SSEUser(HoldingUser):
    """Holds one event stream, or `connections_per_user`.

    In a locustfile of your own, set `path`, and override `is_heartbeat` and `stream_message` where your
    events differ; both run on the hub and must not wait.
    """

    abstract = True
    surface = "sse"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.books = self.session.stream_books(self.figures)
        self.streams: list[SSEStream] = []

    def open_one(self) -> None:
        """Begin one more stream."""
        self.streams.append(self._stream(self._line(len(self.streams))))

    def _line(self, place: int) -> Line:
        return self.session.lines.line(self.figures, partial(self._open_again, place))

    def _open_again(self, place: int, line: Line) -> None:
        self.streams[place] = self._stream(line)

    def _stream(self, line: Line) -> SSEStream:
        route = self.stream_route(line)
        fields = {"Accept": "text/event-stream", "Cache-Control": "no-cache"} | self.request_headers()
        if line.last_event_id:
            fields["Last-Event-ID"] = line.last_event_id
        return SSEStream(self, route, request("GET", route.address, fields), line)

    def stream_route(self, line: Line) -> Route:
        """The way to the stream of `line`, the same for each of its connections."""
        return self.route()

    def is_heartbeat(self, message: Message) -> bool:
        """Whether `message` keeps the stream alive and says nothing else."""
        return says_heartbeat(message)

    def is_final(self, message: Message) -> bool:
        """Whether what the stream tells of is complete by `message`: no more is missed then."""
        return says_complete(message)

    def stream_opened(self, stream: SSEStream, latency_ns: int) -> None:
        """The first event came."""
        self.book("connect", latency_ns)

    def stream_message(self, stream: SSEStream, message: Message, arrival: Arrival) -> None:
        """An event came."""

    def stream_ended(self, stream: SSEStream, reason: str) -> None:
        """It is over, and we did not end it."""
        if not stream.seen:
            self.book("connect", 0, reason)

    def on_stop(self) -> None:
        """Close the streams; the run is over for this user."""
        for stream in self.streams:
            stream.close()

"""A user that follows the named, numbered events of runs."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

from gevent import get_hub
from locust.env import Environment

from pulsegate.harness.load.line import Line
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.sse_stream import SSEStream
from pulsegate.harness.load.sse_user import SSEUser
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.timing.sse import Message


class RunUser(SSEUser):
    """Follows a run of its own, resumes it where the stream was cut, and begins the next when it is complete.

    The ids of the events make the ledger: what was lost or repeated is told by stream and id.
    """

    abstract = True
    surface = "rt"
    #: How long after a run is complete the next begins, in seconds.
    pause_s: ClassVar[float] = 1.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._sessions: dict[str, str] = {}
        self._timers: dict[int, Any] = {}

    def stream_route(self, line: Line) -> Route:
        """The way to the run of `line`."""
        session = self._sessions.setdefault(line.name, uuid4().hex)
        path = self.path or str(self.recorder.profile.surfaces.path(self.surface))
        return self.route().to(f"{path}{'&' if '?' in path else '?'}sessionId={quote(f'pulsegate-{session}')}")

    def stream_message(self, stream: SSEStream, message: Message, arrival: Arrival) -> None:
        """An event came; the last one of a run brings the next run."""
        if self.is_final(message) and stream in self.streams:
            place = self.streams.index(stream)
            if place not in self._timers:
                self._await_next_run(place)

    def _await_next_run(self, place: int) -> None:
        self._timers[place] = get_hub().loop.timer(self.pause_s)
        self._timers[place].start(self._next_run, place)

    def _next_run(self, place: int) -> None:
        self._stop_timer(place)
        line = self.streams[place].line
        if line.away:
            self._await_next_run(place)
            return
        self._sessions.pop(line.name, None)
        self.streams[place].close()
        self.streams[place] = self._stream(self._line(place))

    def _stop_timer(self, place: int) -> None:
        timer = self._timers.pop(place)
        timer.stop()
        timer.close()

    def on_stop(self) -> None:
        """Begin no other run; the run is over for this user."""
        for place in list(self._timers):
            self._stop_timer(place)
        super().on_stop()

"""What the users have in common: open one connection, hold it until the run ends, book how it went."""

from __future__ import annotations

from typing import ClassVar

from gevent.event import Event
from locust import User, task
from locust.env import Environment

from pulsegate.harness.errors import PeerError
from pulsegate.harness.load.connection import Connection
from pulsegate.harness.load.recorder import Recorder, recorder_of
from pulsegate.harness.timing.arrival import Arrival
from pulsegate.harness.wire.address import Address, parse_address


class HoldingUser(User):
    """Holds one connection on `surface` for as long as it runs."""

    abstract = True
    surface: ClassVar[str] = ""
    connection: Connection | None = None

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.recorder: Recorder = recorder_of(environment)
        self.recorder.users[self.surface] += 1
        self._over = Event()
        self._lives = False

    @task
    def hold(self) -> None:
        """Connect, then do nothing until the connection or the run is over: the hub reads."""
        self.recorder.connections.attempted += 1
        target = self.recorder.target
        try:
            address = parse_address(f"{target.url}{target.profile.surfaces.path(self.surface)}")
            self.connection = Connection(address, target)
            self.opening(self.connection, address, target.headers)
            self.connection.watch(self._read, self._ended)
        except PeerError as problem:
            self._ended(str(problem))
        self.holding()
        Event().wait()  # a user whose connection is over stays idle; Locust kills the greenlet at the end

    def holding(self) -> None:
        """What the user does while its connection lives."""
        self._over.wait()

    def opening(self, connection: Connection, address: Address, headers: dict[str, str]) -> None:
        """Send what opens the stream."""
        raise NotImplementedError

    def received(self, data: bytes, arrival: Arrival) -> None:
        """Take the bytes of one read; on the hub, so it must not wait."""
        raise NotImplementedError

    def established(self, arrival: Arrival) -> None:
        """The first event came: the connection counts from here."""
        assert self.connection is not None
        self._lives = True
        latency_ms = (arrival.at_ns - self.connection.started_ns) / 1e6
        self.recorder.opened()
        self.recorder.add(f"{self.surface}.connect", latency_ms)
        self._book(latency_ms, None)

    def _read(self, data: bytes, arrival: Arrival) -> None:
        self.recorder.read(arrival)
        self.received(data, arrival)

    def _ended(self, reason: str) -> None:
        if self._lives:
            self.recorder.closed(dropped=True)
        else:
            self._book(0.0, PeerError(reason))
        self._lives = False
        self.recorder.problem(f"{self.surface}: {reason}")
        self._over.set()

    def _book(self, latency_ms: float, problem: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type=self.surface.upper(), name="connect", response_time=latency_ms, response_length=0,
            exception=problem, context={},
        )  # fmt: skip

    def on_stop(self) -> None:
        """Close the connection; the run is over."""
        if self._lives:
            self._lives = False
            self.recorder.closed(dropped=False)
        if self.connection is not None:
            self.connection.close()

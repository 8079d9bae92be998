"""A user that holds WebSockets and measures their round trip by heartbeats."""

from __future__ import annotations

from functools import partial
from typing import Any

import gevent
from locust.env import Environment

from pulsegate.harness.load.base import HoldingUser
from pulsegate.harness.load.line import Line
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.socket import Socket, SocketBooks
from pulsegate.harness.timing.arrival import Arrival


class WebSocketUser(HoldingUser):
    """Holds one WebSocket, or `connections_per_user`; sends a heartbeat each advertised interval and times its echo.

    In a locustfile of your own, override `socket_opened` and `socket_message`; both run on the hub and
    must not wait. Send with `socket.send`.
    """

    abstract = True
    surface = "ws"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.books: SocketBooks = self.session.socket_books(self.figures)
        self.sockets: list[Socket] = []

    def open_one(self) -> None:
        """Begin one more WebSocket."""
        line = self.session.lines.line(self.figures, partial(self._open_again, len(self.sockets)))
        self.sockets.append(self._socket(line))

    def _open_again(self, place: int, line: Line) -> None:
        self.sockets[place] = self._socket(line)

    def _socket(self, line: Line) -> Socket:
        return Socket(self, self.socket_route(), tuple(self.request_headers().items()), line)

    def socket_route(self) -> Route:
        """The way to the WebSocket."""
        return self.route()

    def holding(self) -> None:
        """Send heartbeats."""
        interval_s = self.recorder.profile.timing.heartbeat_s
        while True:
            gevent.sleep(interval_s)
            for socket in self.sockets:
                socket.beat()

    def socket_opened(self, socket: Socket, latency_ns: int) -> None:
        """The upgrade was granted."""
        self.book("connect", latency_ns)

    def socket_message(self, socket: Socket, message: Any, arrival: Arrival) -> None:
        """A message came that is no answer to a heartbeat."""

    def socket_ended(self, socket: Socket, reason: str, *, was_open: bool) -> None:
        """It is over, and we did not end it."""
        if not was_open:
            self.book("connect", 0, reason)

    def on_stop(self) -> None:
        """Close the WebSockets; the run is over for this user."""
        for socket in self.sockets:
            socket.close()

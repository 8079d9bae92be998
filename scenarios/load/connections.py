"""Connections: open streams and WebSockets at a steady rate, hold them, count the heartbeats.

Also by hand: ``locust -f scenarios/load/connections.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import SSEUser, WebSocketUser, planned_shape


class Streams(SSEUser):
    """Hold an event stream; four of five users where no number is given."""

    weight = 4


class Sockets(WebSocketUser):
    """Hold a WebSocket; one of five users where no number is given."""

    weight = 1


Shape = planned_shape()

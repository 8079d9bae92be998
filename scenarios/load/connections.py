"""Connections: open streams and WebSockets at a steady rate, hold them, count the heartbeats.

Also by hand: ``locust -f scenarios/load/connections.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import SSEUser, WebSocketUser, planned


class Streams(SSEUser):
    """Hold an event stream; four of five users where no number is given."""

    weight = 4
    fixed_count = planned("Streams")


class Sockets(WebSocketUser):
    """Hold a WebSocket; one of five users where no number is given."""

    weight = 1
    fixed_count = planned("Sockets")

"""Heartbeat: hold event streams and WebSockets through many beats, and judge every gap.

Also by hand: ``locust -f scenarios/load/heartbeat.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import SSEUser, WebSocketUser, planned_shape


class Streams(SSEUser):
    """Hold an event stream; nine of ten users where no number is given."""

    weight = 9


class Sockets(WebSocketUser):
    """Hold a WebSocket; one of ten users where no number is given."""

    weight = 1


Shape = planned_shape()

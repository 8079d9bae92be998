"""Mixed: streams that are held, sessions of agents, and users who chat, all at once.

Also by hand: ``locust -f scenarios/load/mixed.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import AgentsUser, CompletionUser, SSEUser, WebSocketUser, planned_shape


class Streams(SSEUser):
    """Hold an event stream; six of ten users where no number is given."""

    weight = 6


class Chatters(CompletionUser):
    """Ask, read, think, ask again; two of ten."""

    weight = 2


class Sockets(WebSocketUser):
    """Hold a WebSocket; one of ten."""

    weight = 1


class Sessions(AgentsUser):
    """A session of five agents; one of ten. Its figures are apart from those of Sockets, as ``ws.agents``."""

    tag = "agents"
    weight = 1


Shape = planned_shape()

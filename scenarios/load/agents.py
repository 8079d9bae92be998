"""Agents: WebSocket sessions whose members send each other state updates; how fast and how far they reach.

Also by hand: ``locust -f scenarios/load/agents.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import AgentsUser, planned_shape


class Sessions(AgentsUser):
    """One session of five agents."""


Shape = planned_shape()

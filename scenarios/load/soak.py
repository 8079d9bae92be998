"""Soak: the mix of streams, sessions of agents and chatting users, gently and for hours.

Also by hand: ``locust -f scenarios/load/soak.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import planned_shape
from pulsegate.scenarios.load.mixed import Chatters, Sessions, Sockets, Streams

__all__ = ["Chatters", "Sessions", "Shape", "Sockets", "Streams"]

Shape = planned_shape()

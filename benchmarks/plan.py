"""How much is measured: the full run for publishing, the quick one for a look."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.generators import Generator

OURS_ONE = Generator("ours, one per user", "ours")
OURS_MANY = Generator("ours, many per user", "ours", per_user=100)
HTTP_USER = Generator("Locust HttpUser", "http_user")
FAST_HTTP_USER = Generator("Locust FastHttpUser", "fast_http_user")
FLOOR = Generator("floor", "floor")
STREAM_GENERATORS = (HTTP_USER, FAST_HTTP_USER, OURS_ONE, OURS_MANY, FLOOR)

SOCKETS_ONE = Generator("ours, one per user", "ours", "ws")
SOCKETS_MANY = Generator("ours, many per user", "ours", "ws", per_user=100)
SOCKETS_FLOOR = Generator("floor", "floor", "ws")
SOCKET_GENERATORS = (SOCKETS_ONE, SOCKETS_MANY, SOCKETS_FLOOR)


@dataclass(frozen=True)
class Plan:
    """Numbers of rounds, connections, and seconds of watching."""

    name: str
    rounds: int
    streams: int
    sockets: int
    open_rate: int
    window_s: float
    arrivals_s: float
    held_streams: int
    held_rate: int
    held_s: float
    relay_s: float
    heartbeat_streams: int
    heartbeat_s: float


QUICK = Plan("quick", 2, 1000, 200, 500, 4.0, 8.0, 3600, 1200, 5.0, 4.0, 2000, 5.0)
FULL = Plan("full", 3, 3000, 1000, 500, 12.0, 20.0, 15_000, 1200, 20.0, 10.0, 10_000, 10.0)

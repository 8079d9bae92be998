"""A reference server of two workers that share a Redis, as a child of the test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import jwt
import psutil
import pytest

from pulsegate.harness.parts.redis import RedisPart
from pulsegate.harness.reference import ReferenceServer


class TwoWorkers(ReferenceServer):
    """The server, with `redis`, and what is to be known of its workers."""

    def __init__(self, redis: RedisPart, log: Path, **settings: object) -> None:
        shared = {"workers": 2, "redis": redis.url, "heartbeat_s": 1, "requests_per_min": 600}
        super().__init__(log=log, settings={**shared, **settings})
        self.redis = redis

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return [
            one for one in psutil.Process(self.pid).children() if "reference_server.worker" in " ".join(one.cmdline())
        ]

    def headers(self, name: str) -> dict[str, str]:
        """Who is calling."""
        claims = {"sub": name, "email": f"{name}@example.com", "exp": int(time.time()) + 3600}
        return {"Authorization": f"Bearer {jwt.encode(claims, self.secret, algorithm='HS256')}"}


@pytest.fixture
def two_workers(redis: RedisPart, tmp_path: Path) -> Callable[..., TwoWorkers]:
    """Make a server with settings of one's own; its log is ``log`` in the test's folder."""
    return lambda **settings: TwoWorkers(redis, tmp_path / "log", **settings)

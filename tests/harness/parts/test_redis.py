"""The Redis of our own, by what a client sees."""

from __future__ import annotations

import pytest
import redis

from pulsegate.harness.parts.redis import RedisPart

pytestmark = [pytest.mark.server, pytest.mark.needs("redis")]


def test_it_forgets_all_when_it_ends():
    """What is in a cache is not to be relied upon."""
    with RedisPart() as started, redis.from_url(started.url) as client:
        client.set("a", "b")
        assert client.get("a") == b"b"
        started.restart()
        assert client.get("a") is None


def test_only_the_password_opens_it():
    """Another user of the machine reaches the port, and nothing behind it."""
    with (
        RedisPart() as started,
        redis.from_url(started.url.replace(started.password, "guess")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.get("a")

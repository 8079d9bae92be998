"""Client secrets: long, different, and good for one user for a while."""

from __future__ import annotations

import re

from pulsegate.reference_server.store import secrets


async def test_a_secret_is_valid_for_its_user_only(store):
    """The secret passes for alice, not for bob, and an invented one for nobody."""
    secret = await store.write(secrets.issue, "alice")

    assert await store.read(secrets.is_valid, "alice", secret) is True
    assert await store.read(secrets.is_valid, "bob", secret) is False
    assert await store.read(secrets.is_valid, "alice", "invented") is False


async def test_an_expired_secret_is_not_valid(store):
    """A secret with no time left does not pass."""
    secret = await store.write(secrets.issue, "alice", 0)

    assert await store.read(secrets.is_valid, "alice", secret) is False


async def test_secrets_are_long_url_safe_and_different(store):
    """Two secrets differ and have at least 32 URL-safe characters."""
    first, second = [await store.write(secrets.issue, "alice") for _ in range(2)]

    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,}", first)

from __future__ import annotations

import asyncio

import pytest

from pulsegate.reference_server.shared import limits as limits_module
from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.limits import SharedConnections, SharedRateLimiter

pytestmark = pytest.mark.needs("redis")
ALICE, BOB, ADDRESS = ("user", "alice"), ("user", "bob"), ("address", "alice")


async def test_requests_on_all_workers_count_together(connect):
    """The limit is one for both workers, and each caller's own."""
    one, two = SharedRateLimiter(await connect(), 3), SharedRateLimiter(await connect(), 3)
    waits = [await limiter.admit(ALICE) for limiter in (one, two, one, two)]

    assert waits[:3] == [0, 0, 0]
    assert 19 < waits[3] <= 20
    assert await two.admit(BOB) == await one.admit(ADDRESS) == 0


async def test_a_bucket_fills_again(connect):
    """Tokens come back evenly, by Redis's clock."""
    limiter = SharedRateLimiter(await connect(), 600)
    while not (wait := await limiter.admit(ALICE)):
        pass
    await asyncio.sleep(wait)

    assert 0 < wait <= 0.1
    assert await limiter.admit(ALICE) == 0


async def test_no_request_is_admitted_uncounted(connect, redis, soon):
    """While Redis is away nobody knows how many there were."""
    hub = await connect()
    limiter = SharedRateLimiter(hub, 3)
    redis.kill()
    with pytest.raises(RedisAway):
        await limiter.admit(ALICE)
    redis.start()
    await soon(lambda: hub.connected)
    assert await limiter.admit(ALICE) == 0


async def test_connections_on_all_workers_count_together(connect):
    """Two places are two places, on whichever worker they were taken and given back."""
    one, two = SharedConnections(await connect(), 2), SharedConnections(await connect(), 2)

    assert [await one.admit(ALICE), await two.admit(ALICE), await one.admit(ALICE)] == [True, True, False]
    assert await one.admit(BOB)
    await two.leave(ALICE)
    assert await one.admit(ALICE)
    assert not await two.admit(ALICE)


async def test_places_of_a_dead_worker_come_free(connect, monkeypatch, soon):
    """A table that nobody renews is gone after a while."""
    monkeypatch.setattr(limits_module, "TABLE_LASTS_S", 1)
    one, two = SharedConnections(await connect(), 1), SharedConnections(await connect(), 1)
    assert await one.admit(ALICE)
    async with asyncio.timeout(20):
        while not await two.admit(ALICE):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


async def test_places_are_counted_again_when_redis_has_lost_them(connect, redis, monkeypatch, soon):
    """While Redis is away a worker admits what it knows of; then the others see it."""
    monkeypatch.setattr(limits_module, "RENEW_EVERY_S", 0.05)
    hub, other = await connect(), await connect()
    one, two = SharedConnections(hub, 2), SharedConnections(other, 2)
    keeper = asyncio.create_task(one.keep())
    assert await one.admit(ALICE)
    redis.kill()
    await soon(lambda: not hub.connected)
    assert [await one.admit(ALICE), await one.admit(ALICE)] == [True, False]
    redis.start()
    await soon(lambda: hub.connected and other.connected)
    async with asyncio.timeout(20):
        while await two.admit(ALICE):
            await two.leave(ALICE)
    keeper.cancel()

from __future__ import annotations

import asyncio

import pytest

from pulsegate.reference_server.shared.away import RedisAway
from pulsegate.reference_server.shared.hub import Hub

pytestmark = pytest.mark.needs("redis")


async def test_messages_reach_every_listener_in_order(connect, soon):
    """Both workers hear what one of them says, as often and in the order that it was said."""
    one, two = await connect(), await connect()
    first, second = [], []
    async with one.subscribed(["c"], first.append), two.subscribed(["c"], second.append):
        said = [str(number) for number in range(50)]
        receivers = [await one.publish("c", text) for text in said]
        await soon(lambda: len(first) == len(second) == 50)

    assert first == second == said
    assert receivers == [2] * 50


async def test_nobody_listens_to_a_channel_that_was_let_go(connect):
    """The number of receivers says whether anybody is there."""
    hub = await connect()
    async with hub.subscribed(["c"], lambda _: None), hub.subscribed(["c"], lambda _: None):
        pass

    assert await hub.publish("c", "anybody?") == 0


async def test_a_channel_is_held_as_long_as_anybody_holds_it(connect, soon):
    """One holder less is not the end."""
    hub = await connect()
    heard = []
    async with hub.subscribed(["c"], heard.append):
        async with hub.subscribed(["c"], heard.append):
            pass
        await hub.publish("c", "still here")
        await soon(lambda: heard)

    assert heard == ["still here"]


async def test_a_cancelled_subscriber_harms_no_other(connect, soon):
    """Clients that leave while they are let in do not cost the others their connection."""
    hub = await connect()
    heard, lost = [], []
    hub.lost.append(lambda: lost.append(True))

    async def subscribe(number: int) -> None:
        async with hub.subscribed([f"c{number}"], lambda _: None):
            await asyncio.sleep(60)

    async with hub.subscribed(["c"], heard.append):
        for number in range(50):
            leaving = asyncio.create_task(subscribe(number))
            await asyncio.sleep(0)
            leaving.cancel()
        await hub.publish("c", "well")
        await soon(lambda: heard)

    assert not lost


async def test_losing_redis_is_told_and_channels_are_heard_again(redis, connect, soon):
    """Who listens learns that something may be missing, and hears again without doing anything."""
    hub = await connect()
    heard, told = [], []
    hub.lost.append(lambda: told.append("lost"))
    hub.back.append(lambda: told.append("back"))
    async with hub.subscribed(["c"], heard.append):
        redis.kill()
        await soon(lambda: told == ["lost"])
        with pytest.raises(RedisAway):
            await hub.publish("c", "nobody hears this")
        with pytest.raises(RedisAway):
            async with hub.subscribed(["d"], heard.append):
                pass
        redis.start()
        await soon(lambda: told == ["lost", "back"])
        assert await hub.publish("c", "again") == 1
        await soon(lambda: heard)

    assert heard == ["again"]


async def test_a_redis_that_answers_nothing_counts_as_away(redis, connect, soon, monkeypatch):
    """Silence on an open connection is noticed, and passes when Redis goes on."""
    monkeypatch.setattr("pulsegate.reference_server.shared.hub.SILENCE_LIMIT_S", 0.3)
    monkeypatch.setattr("pulsegate.reference_server.shared.hub.PING_EVERY_S", 0.1)
    hub = await connect()
    with redis.paused():
        await soon(lambda: not hub.connected)
    await soon(lambda: hub.connected)

    assert await hub.publish("c", "text") == 0


async def test_a_hub_opens_without_redis(redis):
    """A worker that is replaced while Redis is away starts all the same."""
    hub = Hub("redis://127.0.0.1:1/0")
    await hub.open()

    assert not hub.connected
    await hub.close()

from __future__ import annotations

import pytest

from pulsegate.reference_server.shared.hub import PREFIX
from pulsegate.reference_server.shared.logs import Logs, NotOurs

pytestmark = [pytest.mark.needs("redis"), pytest.mark.usefixtures("quick_leases")]


def nobody(log):
    pytest.fail("the log has not lost its owner")


async def test_another_worker_reads_from_the_start_and_goes_on(connect, soon):
    """Entries of before and after the opening come once each, in order, and the end is known."""
    one, two = Logs(await connect()), Logs(await connect())
    async with one.opened("x", nobody) as own:
        assert await own.begin("header")
        await own.append("1")
        async with two.opened("x", nobody) as other:
            assert not await other.begin("another header")
            await own.append("2")
            await own.finish()
            await soon(lambda: other.finished)

    assert other.entries == own.entries == ["header", "1", "2"]


async def test_a_missed_entry_is_fetched(connect, soon):
    """News that come with a gap make the worker look for what is missing."""
    one, two = Logs(await connect()), Logs(await connect())
    async with one.opened("x", nobody) as own, two.opened("x", nobody) as other:
        await own.begin("header")
        await soon(lambda: other.entries)
        for number in range(3):
            await own.append(str(number))
        await soon(lambda: len(other.entries) == 4)
        other.entries[1:] = []
        other.hear("3\n2")
        await soon(lambda: len(other.entries) == 4)

    assert other.entries == own.entries


async def test_what_redis_has_lost_is_written_again(connect, redis, soon):
    """A Redis that comes back empty gets the log from a worker that knows it, and the owner goes on."""
    one, two = await connect(), await connect()
    own_logs, other_logs = Logs(one), Logs(two)
    async with own_logs.opened("x", nobody) as own, other_logs.opened("x", nobody) as other:
        await own.begin("header")
        await own.append("1")
        redis.kill()
        redis.start()
        await own.append("2")
        await own.finish()
        await soon(lambda: other.finished)
        stored = await one.command("LRANGE", f"{PREFIX}log:x", 0, -1)

    assert other.entries == ["header", "1", "2"]
    assert stored == ["header", "1", "2", "."]


async def test_a_dead_owners_log_is_taken_over_once(connect, soon):
    """When the owner has died one of those who have the log open owns it, and the dead one cannot write."""
    dead, two, three = Logs(await connect()), Logs(await connect()), Logs(await connect())
    taken = []
    async with dead.opened("x", nobody) as own:
        await own.begin("header")
        own.keeper.cancel()
        async with two.opened("x", taken.append) as second, three.opened("x", taken.append) as third:
            await soon(lambda: taken)
            await taken[0].append("taken over")
            await soon(lambda: second.entries == third.entries == ["header", "taken over"])
            with pytest.raises(NotOurs):
                await own.append("late")

    assert len(taken) == 1


async def test_a_quiet_owner_keeps_its_log(connect, soon):
    """A lease is renewed while its owner has nothing to say."""
    one, two = Logs(await connect()), Logs(await connect())
    async with one.opened("x", nobody) as own, two.opened("x", nobody) as other:
        await own.begin("header")
        renewed = []
        script = own._logs.renew

        async def counted(*given):
            renewed.append(await script(*given))
            return renewed[-1]

        own._logs.renew = counted
        await soon(lambda: len(renewed) == 20)
        await own.append("1")
        await soon(lambda: len(other.entries) == 2)

    assert renewed == [1] * 20


async def test_a_log_that_was_replaced_meanwhile_is_given_up(connect, soon):
    """Entries of two logs of one name are never mixed."""
    hub = await connect()
    one, two = Logs(hub), Logs(await connect())
    async with one.opened("x", nobody) as own:
        await own.begin("header")
        await hub.command("FLUSHALL")
        async with two.opened("x", nobody) as other:
            assert await other.begin("another")
            with pytest.raises(NotOurs):
                await own.append("1")
            await own.sync()

    assert own.gone
    assert other.entries == ["another"]


async def test_a_dropped_log_can_begin_anew(connect):
    """Its last entry is told, then nothing of it is left."""
    one, two = Logs(await connect()), Logs(await connect())
    async with one.opened("x", nobody) as own, two.opened("x", nobody) as other:
        await own.begin("header")
        await own.drop("failed")
        assert await other.reached(1) == "failed"
    async with two.opened("x", nobody) as again:
        assert await again.begin("header")

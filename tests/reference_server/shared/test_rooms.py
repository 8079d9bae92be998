from __future__ import annotations

import json
from contextlib import AsyncExitStack

import pytest

from pulsegate.reference_server.rooms import MISSED, Member, Rooms
from pulsegate.reference_server.shared.rooms import SharedRooms

pytestmark = pytest.mark.needs("redis")


class Worker:
    """The rooms of one worker."""

    def __init__(self, hub):
        self.local = Rooms()
        self.shared = SharedRooms(hub, self.local)
        self.held = AsyncExitStack()

    async def join(self, session_id, agent_id=None):
        member = Member(session_id, agent_id)
        self.held.enter_context(self.local.joined(member))
        await self.held.enter_async_context(self.shared.joined(member))
        return member


@pytest.fixture
async def workers(connect):
    """Two of them."""
    both = [Worker(await connect()), Worker(await connect())]
    yield both
    for worker in both:
        await worker.held.aclose()


async def received(member, count):
    return [(await member.outbox.get()).message["n"] for _ in range(count)]


def text(number):
    return json.dumps({"n": number})


async def test_everyone_else_gets_each_message_in_order_wherever_they_are(workers):
    """The sender gets none; members of both workers get the same ones, and other sessions nothing."""
    one, two = workers
    sender, near, far = await one.join("s"), await one.join("s"), await two.join("s")
    elsewhere = await two.join("t")
    for number in range(20):
        await one.shared.tell_others(sender, text(number))
    await one.shared.tell_others(elsewhere, text(99))

    assert await received(near, 20) == await received(far, 20) == list(range(20))
    assert not await one.shared.tell(elsewhere, "nobody", text(1))
    assert sender.outbox.closing is None
    assert not sender.outbox._parcels


async def test_a_name_is_found_on_any_worker_of_its_session(workers):
    """Agent ids and connection ids address those who have them; nobody answers to one of another session."""
    one, two = workers
    sender, near, far = await one.join("s"), await one.join("s", "agent\n:x"), await two.join("s", "agent\n:x")

    assert await one.shared.tell(sender, "agent\n:x", text(1))
    assert await one.shared.tell(sender, far.connection_id, text(2))
    assert not await one.shared.tell(await one.join("t"), far.connection_id, text(3))
    assert await received(near, 1) == [1]
    assert await received(far, 2) == [1, 2]


async def test_nobody_answers_to_the_name_of_one_who_left(workers):
    """There is no list that could be wrong."""
    one, two = workers
    sender, far = await one.join("s"), await two.join("s", "agent")
    await two.held.aclose()

    assert not await one.shared.tell(sender, "agent", text(1))
    assert not await one.shared.tell(sender, far.connection_id, text(1))


async def test_members_learn_that_messages_may_be_missing(workers, redis, soon):
    """A worker that lost Redis closes its connections with 1013: they have to look what they missed."""
    members = [await worker.join("s") for worker in workers]
    redis.kill()
    await soon(lambda: all(member.outbox.closing for member in members))
    redis.start()

    assert [member.outbox.closing for member in members] == [MISSED, MISSED]

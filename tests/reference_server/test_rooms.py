from __future__ import annotations

from pulsegate.reference_server.rooms import (
    GOING_DOWN,
    MAX_WAITING,
    MAX_WAITING_CHARACTERS,
    TOO_SLOW,
    Member,
    Outbox,
    Parcel,
    Rooms,
    deliver,
)


def parcel(text="{}"):
    return Parcel({}, text)


async def test_outbox_keeps_the_order_and_sends_all_before_closing():
    """What waits is sent before the connection closes; nothing is added after."""
    outbox = Outbox()
    first, second = parcel("1"), parcel("2")
    outbox.put(first)
    outbox.put(second)
    outbox.close(*GOING_DOWN)
    outbox.put(parcel("3"))

    assert [await outbox.get(), await outbox.get(), await outbox.get()] == [first, second, None]
    assert outbox.closing == GOING_DOWN


async def test_outbox_that_overflows_closes_the_connection():
    """Too many messages, or too much text, mean that the client is too slow."""
    many, large = Outbox(), Outbox()
    for _ in range(MAX_WAITING + 1):
        many.put(parcel())
    large.put(parcel("x" * (MAX_WAITING_CHARACTERS + 1)))

    assert many.closing == large.closing == TOO_SLOW
    assert await many.get() is None


def test_members_are_addressed_within_their_session():
    """Others, names and ids mean the members of one's own session."""
    rooms = Rooms()
    one, two, elsewhere = Member("s", "a"), Member("s", "b"), Member("t", "a")
    with rooms.joined(one), rooms.joined(two), rooms.joined(elsewhere):
        assert rooms.others(one) == [two]
        assert rooms.addressed(two, "a") == [one]
        assert rooms.addressed(one, two.connection_id) == [two]
        assert rooms.addressed(one, elsewhere.connection_id) == []
    assert rooms.others(one) == []


async def test_closing_reaches_every_member():
    """When the server goes down everybody is told."""
    rooms = Rooms()
    members = [Member("s", None), Member("t", None)]
    with rooms.joined(members[0]), rooms.joined(members[1]):
        deliver({"n": 1}, members)
        rooms.close_all()

    assert [(await member.outbox.get()).text for member in members] == ['{"n":1}'] * 2
    assert {member.outbox.closing for member in members} == {GOING_DOWN}
